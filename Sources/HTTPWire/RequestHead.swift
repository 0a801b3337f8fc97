/// What a request's head says, without references: copy it as you like.
///
/// Ranges point into the bytes given to ``RequestParser/parse(_:)``.
public struct RequestHead: Sendable, Equatable {
    /// The method, ``Method/other`` when it is none of the known ones.
    public var method: Method = .other
    /// The method as it was sent.
    public var methodName: ByteRange = .empty
    /// The request target as it was sent.
    public var target: ByteRange = .empty
    /// Which of the four spellings the target has.
    public var targetForm: TargetForm = .origin
    /// The path, still percent-encoded. `*` for the asterisk form; empty for CONNECT and for an
    /// absolute target without a path, where it means `/` (for OPTIONS `*`, RFC 9112 §3.2.4).
    public var path: ByteRange = .empty
    /// The query after the question mark, still percent-encoded; empty if there is none.
    public var query: ByteRange = .empty
    /// Whether the target has a question mark, even one without anything behind it.
    public var hasQuery: Bool = false
    /// Host and optional port the request is for: of the target if it names one, else of the Host field.
    /// Empty only in an HTTP/1.0 request without either.
    public var authority: ByteRange = .empty
    /// ``authority`` without its port; brackets of an IPv6 address stay.
    public var host: ByteRange = .empty
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and every later HTTP/1.x (RFC 9110 §2.5).
    public var minorVersion: UInt8 = 1
    /// Whether the peer allows another request on this connection (RFC 9112 §9.3).
    public var keepAlive: Bool = true
    /// How the end of the body is found.
    public var framing: BodyFraming = .none
    /// Whether the peer waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    ///
    /// False when there is no body to wait for, and for HTTP/1.0, where it has to be ignored.
    public var expectsContinue: Bool = false
    /// Whether the peer offers to change the protocol: an Upgrade field, named in Connection, in HTTP/1.1 (RFC 9110 §7.8).
    public var upgrade: Bool = false
    /// Number of header fields.
    public var fieldCount: Int = 0
    /// Bytes of the whole head, from the first byte given (skipped empty lines too) to the end of its empty line.
    public var byteCount: Int = 0

    /// A head that says nothing yet: HTTP/1.1, no target, no body.
    public init() {}
}
