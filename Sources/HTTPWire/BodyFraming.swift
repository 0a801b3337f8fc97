/// How the end of a message's body is found (RFC 9112 §6.3).
public enum BodyFraming: Sendable, Equatable {
    /// There is no body: no framing field, or a Content-Length of 0.
    case none
    /// Exactly this many bytes follow the head; always more than 0.
    case length(Int)
    /// Chunks follow the head, see ``ChunkedDecoder``.
    case chunked
}
