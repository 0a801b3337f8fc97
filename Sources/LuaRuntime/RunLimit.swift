/// The limit that ended a run.
public enum RunLimit: Sendable, Equatable {
    /// It took longer than this, waits included.
    case deadline(Duration)
    /// It used up this time of the processor.
    case processorTime(Duration)
    /// It ran so many instructions.
    case instructions(Int)
    /// It, or its host, had so many greens, and needed one more.
    case greens(Int)
    /// The scripts of its host had so many bytes in use, and it needed more.
    case memory(Int)

    /// "took longer than its 1.5 s (the deadline)".
    package var message: String {
        switch self {
        case .deadline(let span): "took longer than its \(Self.text(of: span)) (the deadline)"
        case .processorTime(let span): "used up its \(Self.text(of: span)) of the processor"
        case .instructions(let count): "ran its \(count) instructions"
        case .greens(let count): "too many greens: \(count) may live at once"
        case .memory(let bytes): "not enough memory: the limit is \(Self.text(of: bytes))"
        }
    }

    private static func text(of span: Duration) -> String {
        let (seconds, attoseconds) = span.components
        let value = Double(seconds) + Double(attoseconds) / 1e18
        let whole = Int64(exactly: value)
        return "\(whole.map { "\($0)" } ?? "\(value)") s"
    }

    private static func text(of bytes: Int) -> String {
        for (unit, shift) in [("GiB", 30), ("MiB", 20), ("KiB", 10)]
        where bytes >> shift > 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift) \(unit)"
        }
        return "\(bytes) bytes"
    }
}
