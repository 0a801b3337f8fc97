/// What the next look at a chunked body has brought.
///
/// `consumed` counts from the first byte given; those bytes are done with and must not be given again.
public enum ChunkProgress: Sendable, Equatable {
    /// Body bytes lie in this range of the bytes given; at least one. Call again with what is behind `consumed`.
    case data(ByteRange, consumed: Int)
    /// All bytes given were looked at and the body goes on. Call again with more.
    case needsMore(consumed: Int)
    /// The body is complete; behind `consumed` the next message begins.
    case finished(consumed: Int)
    /// The body is refused; the same error comes back from now on.
    case failed(RequestError)
}
