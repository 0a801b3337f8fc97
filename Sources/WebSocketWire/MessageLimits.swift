/// How much of a peer's messages is accepted.
public struct MessageLimits: Sendable, Equatable {
    /// Longest message in bytes, all its fragments together; a longer one is refused with 1009 as soon as a frame
    /// announces it. Default 16 MiB.
    public var maxMessage: Int

    /// The default limits.
    public init() {
        maxMessage = 16 * 1_048_576
    }
}
