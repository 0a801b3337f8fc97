/// What a response's head says, without references: copy it as you like.
///
/// Ranges point into the bytes given to ``ResponseHeadParser/parse(_:)``.
public struct ResponseHead: Sendable, Equatable {
    /// The status code, 100–999. Those from 600 up are invalid and mean what a 5xx means (RFC 9110 §15).
    public var status: Int = 0
    /// The reason phrase as it was sent; may be empty. For people only (RFC 9112 §4).
    public var reason: ByteRange = .empty
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and every later HTTP/1.x (RFC 9110 §2.5).
    public var minorVersion: UInt8 = 1
    /// Whether the connection can carry another request when the body has been read (RFC 9112 §9.3).
    ///
    /// False behind a status of 101 and a tunnel too: what follows is not HTTP.
    public var keepAlive: Bool = true
    /// How the end of the body is found.
    public var framing: ResponseFraming = .none
    /// Whether the peer names protocols to change to: an Upgrade field, named in Connection, in HTTP/1.1 (RFC 9110 §7.8).
    public var upgrade: Bool = false
    /// Number of header fields.
    public var fieldCount: Int = 0
    /// Bytes of the whole head, to the end of its empty line.
    public var byteCount: Int = 0

    /// A head that says nothing yet.
    public init() {}

    /// Whether this is an interim response (RFC 9110 §15.2): the next head answers the same request.
    public var isInterim: Bool { status >= 100 && status < 200 && status != 101 }
}
