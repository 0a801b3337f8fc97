/// How many letters must be changed, added or dropped to make one word the other (Levenshtein).
enum EditDistance {
    static func between(_ one: String, _ other: String) -> Int {
        let other = Array(other.utf8)
        var row = Array(0...other.count)
        for (index, letter) in one.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let cost = letter == other[column] ? diagonal : 1 + min(diagonal, row[column], row[column + 1])
                diagonal = row[column + 1]
                row[column + 1] = cost
            }
        }
        return row[other.count]
    }
}
