/// How the end of a response's body is found (RFC 9112 §6.3).
public enum ResponseFraming: Sendable, Equatable {
    /// There is no body: the request or the status rules it out, or the Content-Length is 0.
    case none
    /// Exactly this many bytes follow the head; always more than 0.
    case length(Int)
    /// Chunks follow the head, see ``ChunkedDecoder``.
    case chunked
    /// Everything up to the end of the connection belongs to the body.
    case untilClose
}
