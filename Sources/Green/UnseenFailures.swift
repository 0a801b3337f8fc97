import EventLoop

/// Bounds how many failures that nobody looked at are told of in full: a script may make a hundred thousand a second.
struct UnseenFailures {
    static let mostInASecond = 20
    private var second: Int64 = -1
    private var count = 0

    /// The lines to log for one more at this moment.
    mutating func lines(for text: String, at time: MonotonicTime) -> [String] {
        let now = time.nanoseconds / 1_000_000_000
        var lines: [String] = []
        if now != second {
            if let left = takeLeftOut() { lines.append(left) }
            second = now
        }
        count += 1
        if count <= Self.mostInASecond { lines.append(text) }
        return lines
    }

    /// A line for those that were left out since the last such line; nil for none.
    mutating func takeLeftOut() -> String? {
        defer { count = 0 }
        let leftOut = count - Self.mostInASecond
        return leftOut > 0 ? "\(leftOut) more greens failed within a second and nobody looked at their futures" : nil
    }
}
