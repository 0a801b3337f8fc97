extension HTTPDate {
    /// The second that `bytes` name in one of the three forms of RFC 9110 §5.6.7, or nil if they are none.
    ///
    /// - `Sun, 06 Nov 1994 08:49:37 GMT`
    /// - `Sunday, 06-Nov-94 08:49:37 GMT`: a year more than 50 years after `now` is taken a century earlier
    /// - `Sun Nov  6 08:49:37 1994`
    ///
    /// Case-sensitive, as the grammar is. The weekday must be a weekday, but not the right one: senders
    /// get it wrong and nothing depends on it. A leap second (`:60`) is read as the second after.
    ///
    /// - Parameter now: the current second since 1970, for two-digit years.
    public static func parse(_ bytes: UnsafeRawBufferPointer, now: Int64) -> Int64? {
        var reader = DateReader(bytes)
        guard bytes.count >= 24, let weekday = reader.name(of: weekdays) else { return nil }
        if reader.skip(", ") { return preferred(&reader) }
        if reader.skip(" ") { return asctime(&reader) }
        guard reader.skip(longEnding(ofWeekday: weekday)), reader.skip(", ") else { return nil }
        return obsolete(&reader, now: now)
    }

    /// `06 Nov 1994 08:49:37 GMT`
    private static func preferred(_ reader: inout DateReader) -> Int64? {
        guard let day = reader.number(2), reader.skip(" "), let month = reader.name(of: months), reader.skip(" "),
            let year = reader.number(4), reader.skip(" "), let time = reader.time(), reader.skip(" GMT"), reader.isAtEnd
        else { return nil }
        return second(year, month + 1, day, time)
    }

    /// `06-Nov-94 08:49:37 GMT`
    private static func obsolete(_ reader: inout DateReader, now: Int64) -> Int64? {
        guard let day = reader.number(2), reader.skip("-"), let month = reader.name(of: months), reader.skip("-"),
            let shortYear = reader.number(2), reader.skip(" "), let time = reader.time(), reader.skip(" GMT"),
            reader.isAtEnd
        else { return nil }
        let nowDays = min(max(now, earliest), latest) / 86_400
        let thisYear = civil(fromDays: nowDays).year
        var year = thisYear - thisYear % 100 + shortYear
        if year > thisYear + 50 { year -= 100 }
        return second(year, month + 1, day, time)
    }

    /// `Nov  6 08:49:37 1994`
    private static func asctime(_ reader: inout DateReader) -> Int64? {
        guard let month = reader.name(of: months), reader.skip(" "),
            let day = reader.skip(" ") ? reader.number(1) : reader.number(2),
            reader.skip(" "), let time = reader.time(), reader.skip(" "), let year = reader.number(4), reader.isAtEnd
        else { return nil }
        return second(year, month + 1, day, time)
    }

    private static func second(_ year: Int, _ month: Int, _ day: Int, _ time: Int) -> Int64? {
        guard day >= 1 else { return nil }
        let number = days(year: year, month: month, day: day)
        // A day that the month does not have comes back as another date.
        guard civil(fromDays: number) == (year, month, day) else { return nil }
        return number * 86_400 + Int64(time)
    }

    private static func longEnding(ofWeekday weekday: Int) -> StaticString {
        switch weekday {
        case 2: "sday"
        case 3: "nesday"
        case 4: "rsday"
        case 6: "urday"
        default: "day"
        }
    }
}

/// Reads a date from left to right.
private struct DateReader {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    /// Skips `text` if it comes next.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        for offset in 0..<count where bytes[index + offset] != text.utf8Start[offset] { return false }
        index += count
        return true
    }

    /// A number of exactly `digits` digits.
    mutating func number(_ digits: Int) -> Int? {
        guard bytes.count - index >= digits else { return nil }
        var value = 0
        for offset in 0..<digits {
            let digit = bytes[index + offset] &- ASCII.zero
            guard digit < 10 else { return nil }
            value = value * 10 + Int(digit)
        }
        index += digits
        return value
    }

    /// Which of the three-letter `names`, that stand one behind the other, comes next.
    mutating func name(of names: StaticString) -> Int? {
        guard bytes.count - index >= 3 else { return nil }
        for candidate in 0..<(names.utf8CodeUnitCount / 3) {
            let letters = names.utf8Start + candidate * 3
            if (0..<3).allSatisfy({ bytes[index + $0] == letters[$0] }) {
                index += 3
                return candidate
            }
        }
        return nil
    }

    /// The second of the day that `hh:mm:ss` names.
    mutating func time() -> Int? {
        guard let hour = number(2), hour < 24, skip(":"), let minute = number(2), minute < 60, skip(":"),
            let second = number(2), second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }
}
