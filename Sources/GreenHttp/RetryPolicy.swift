/// When a failed request is made again, and after how long.
///
/// Only what cannot have had an effect: methods that may be repeated (RFC 9110 §9.2.2), and any method as long as no
/// connection was made.
public struct RetryPolicy: Sendable, Equatable {
    /// Most repetitions. Default 0.
    public var count = 0
    /// The wait before the first repetition, in seconds; it doubles with each. Default 0.1.
    public var backoff = 0.1
    /// Longest wait, in seconds, also when a `Retry-After` asks for more. Default 30.
    public var longest = 30.0
    /// Responses that count as failures. Default 429, 502, 503, 504.
    public var statuses: [Int] = [429, 502, 503, 504]
    /// Repeats also methods that may have had an effect, such as POST. Default false.
    public var repeatsUnsafe = false

    /// No repetitions.
    public init() {}

    private static let idempotent: Set<String> = ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]

    func mayRepeat(_ method: String) -> Bool { repeatsUnsafe || Self.idempotent.contains(method) }

    /// Seconds before repetition `number` (from 0): exponential, with full jitter, so that clients that failed
    /// together do not come back together.
    func wait(before number: Int, retryAfter: Double?) -> Double {
        let step = min(longest, backoff * Double(UInt64(1) << UInt64(min(number, 32))))
        let jittered = step * (0.5 + Double.random(in: 0..<0.5))
        return min(longest, max(jittered, retryAfter ?? 0))
    }
}
