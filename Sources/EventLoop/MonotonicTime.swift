import Glibc

/// A point on the clock that never goes backwards, in nanoseconds.
///
/// On a loop with the ``LoopClock/monotonic`` clock this is `CLOCK_MONOTONIC` (clock_gettime(2)); on the other
/// clocks it counts from zero, so that tests can state absolute times.
public struct MonotonicTime: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's beginning.
    public var nanoseconds: Int64

    /// Makes the point that lies `nanoseconds` after the clock's beginning.
    @inlinable
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// A point that never comes: later than, or the same as, every other.
    @inlinable
    public static var distantFuture: MonotonicTime { MonotonicTime(nanoseconds: .max) }

    /// Reads `CLOCK_MONOTONIC`. Any thread.
    public static func now() -> MonotonicTime {
        var time = timespec()
        // Fails only for a clock the kernel does not have; Linux always has this one.
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Whether the left point comes before the right one.
    @inlinable
    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The point `duration` later; stays at the ends of the scale instead of overflowing.
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        time.advanced(byNanoseconds: duration.saturatedNanoseconds)
    }

    /// How much later the left point is than the right one; negative when it is earlier.
    public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
        let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
        guard overflow else { return .nanoseconds(difference) }
        return .nanoseconds(left.nanoseconds < right.nanoseconds ? Int64.min : Int64.max)
    }

    /// The point that many nanoseconds later; stays at the ends of the scale instead of overflowing.
    @inlinable
    public func advanced(byNanoseconds amount: Int64) -> MonotonicTime {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(amount)
        guard overflow else { return MonotonicTime(nanoseconds: sum) }
        return MonotonicTime(nanoseconds: amount < 0 ? Int64.min : Int64.max)
    }
}

extension Duration {
    /// The whole nanoseconds of the duration, rounded up so that nothing happens early, kept within `Int64`.
    var saturatedNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let fraction = attoseconds / 1_000_000_000 + (attoseconds % 1_000_000_000 > 0 ? 1 : 0)
        let (sum, sumOverflow) = scaled.addingReportingOverflow(fraction)
        guard overflow || sumOverflow else { return sum }
        return seconds < 0 ? .min : .max
    }
}
