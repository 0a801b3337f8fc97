import EventLoop

/// Bounds how many messages of a kind are logged: a script may cause a hundred thousand a second.
public struct LogThrottle {
    private let most: Int
    private let account: String
    private var second: Int64 = -1
    private var count = 0

    /// - Parameters:
    ///   - most: how many a second are told in full.
    ///   - account: what the others are, behind their number: "more greens failed".
    public init(most: Int, others account: String) {
        self.most = most
        self.account = account
    }

    /// The lines to log for one more at this moment.
    public mutating func lines(for text: @autoclosure () -> String, at time: MonotonicTime) -> [String] {
        let now = time.nanoseconds / 1_000_000_000
        var lines: [String] = []
        if now != second {
            if let left = takeLeftOut() { lines.append(left) }
            second = now
        }
        count += 1
        if count <= most { lines.append(text()) }
        return lines
    }

    /// A line for those that were left out since the last such line; nil for none.
    public mutating func takeLeftOut() -> String? {
        defer { count = 0 }
        return count > most ? "\(count - most) \(account)" : nil
    }
}
