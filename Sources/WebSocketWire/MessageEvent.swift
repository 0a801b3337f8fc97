/// What a peer has sent, whole.
///
/// The bytes lie in the decoder or in the bytes it was given: valid until its next call, and as long as those are.
/// The decoder checks that text and close reasons are UTF-8.
public enum MessageEvent {
    /// A message of UTF-8 text.
    case text(UnsafeRawBufferPointer)
    /// A message of bytes.
    case binary(UnsafeRawBufferPointer)
    /// To be answered with a pong of the same 0–125 bytes (RFC 6455 §5.5.2).
    case ping(UnsafeRawBufferPointer)
    /// 0–125 bytes: of a ping if it answers one.
    case pong(UnsafeRawBufferPointer)
    /// To be answered with a close frame unless one has been sent (RFC 6455 §5.5.1). Nil when the peer gave no code.
    case close(CloseCode?, reason: UnsafeRawBufferPointer)
}
