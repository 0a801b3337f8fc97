/// What an access log line tells of one exchange; lends the bytes it points at for the time of the call only.
///
/// Text is raw bytes as the client sent them: the log escapes it. Empty text means "not known" or "not sent".
public struct AccessLogEntry {
    /// The peer's address as text; empty for an unnamed one.
    public var remote: UnsafeRawBufferPointer
    /// The authenticated user.
    public var user: UnsafeRawBufferPointer
    /// The method's name; empty when the request line could not be read.
    public var method: UnsafeRawBufferPointer
    /// The request target as it came, with its query.
    public var target: UnsafeRawBufferPointer
    /// The protocol version, such as `HTTP/1.1`.
    public var version: UnsafeRawBufferPointer
    /// The `Referer` field's value.
    public var referer: UnsafeRawBufferPointer
    /// The `User-Agent` field's value.
    public var userAgent: UnsafeRawBufferPointer
    /// The response's status code.
    public var status: Int
    /// How many bytes of body were sent, not counting the head.
    public var bodyBytes: Int
    /// How long the exchange took, from the request's first byte to the response's last one.
    public var durationNanoseconds: Int64

    /// An entry in which everything but status and size is unknown.
    public init(status: Int, bodyBytes: Int) {
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        remote = empty
        user = empty
        method = empty
        target = empty
        version = empty
        referer = empty
        userAgent = empty
        self.status = status
        self.bodyBytes = bodyBytes
        durationNanoseconds = 0
    }
}
