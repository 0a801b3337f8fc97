import Glibc

/// The time of access log lines in the forms they need, formatted once a second.
struct AccessLogTime {
    /// `10/Oct/2000:13:55:36 +0000`.
    private(set) var common: [UInt8] = []
    /// `2000-10-10T13:55:36Z` (RFC 3339 §5.6).
    private(set) var internet: [UInt8] = []
    private var second = Int64.min

    /// Moves to a second since the epoch; does nothing when it is there already.
    mutating func move(to second: Int64) {
        if second == self.second { return }
        self.second = second
        var time = time_t(second)
        var parts = tm()
        // Fails only when the year does not fit an Int32; the fields then stay at zero.
        gmtime_r(&time, &parts)
        // Reserved once: later seconds fit in the same storage.
        common.removeAll(keepingCapacity: true)
        append(Int(parts.tm_mday), digits: 2, then: "/", to: &common)
        Self.monthName(Int(parts.tm_mon)).withUTF8Buffer { common.append(contentsOf: $0) }
        common.append(UInt8(ascii: "/"))
        append(Int(parts.tm_year) + 1900, digits: 4, then: ":", to: &common)
        appendClock(parts, to: &common)
        common.append(contentsOf: " +0000".utf8)

        internet.removeAll(keepingCapacity: true)
        append(Int(parts.tm_year) + 1900, digits: 4, then: "-", to: &internet)
        append(Int(parts.tm_mon) + 1, digits: 2, then: "-", to: &internet)
        append(Int(parts.tm_mday), digits: 2, then: "T", to: &internet)
        appendClock(parts, to: &internet)
        internet.append(UInt8(ascii: "Z"))
    }

    private func appendClock(_ parts: tm, to output: inout [UInt8]) {
        append(Int(parts.tm_hour), digits: 2, then: ":", to: &output)
        append(Int(parts.tm_min), digits: 2, then: ":", to: &output)
        append(Int(parts.tm_sec), digits: 2, then: nil, to: &output)
    }

    private func append(_ number: Int, digits: Int, then separator: Unicode.Scalar?, to output: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            output.append(UInt8(truncatingIfNeeded: number / divisor % 10) + UInt8(ascii: "0"))
            divisor /= 10
        }
        if let separator { output.append(UInt8(ascii: separator)) }
    }

    private static func monthName(_ month: Int) -> StaticString {
        switch month {
        case 0: "Jan"
        case 1: "Feb"
        case 2: "Mar"
        case 3: "Apr"
        case 4: "May"
        case 5: "Jun"
        case 6: "Jul"
        case 7: "Aug"
        case 8: "Sep"
        case 9: "Oct"
        case 10: "Nov"
        default: "Dec"
        }
    }
}
