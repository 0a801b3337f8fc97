/// What a call of ``MessageDecoder/next(_:)`` has brought.
public enum MessageProgress {
    /// All bytes are taken in and nothing is complete. Call again when more have come.
    case needsMore(consumed: Int)
    /// Something is complete. Call again with the bytes behind the first `consumed`, even if there are none.
    case event(MessageEvent, consumed: Int)
    /// The connection has to be failed (RFC 6455 §7.1.7); the same error comes back for ever.
    case failed(WebSocketError)
}
