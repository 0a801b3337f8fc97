/// How much of a request is accepted before it is refused.
///
/// All sizes are in bytes and count line ends. Every limit is checked while bytes arrive, so a peer
/// can never make the reader hold more than the limit.
public struct RequestLimits: Sendable, Equatable {
    /// Longest request line; longer is refused with 414. Default 8192 (RFC 9112 §3 asks for at least 8000).
    public var requestLine: Int
    /// Most header fields; more are refused with 431. Default 100.
    public var fieldCount: Int
    /// Longest header section, from the end of the request line to the empty line's end; longer is refused with 431.
    /// Default 32 768.
    public var headBytes: Int
    /// Longest body; longer is refused with 413, by its Content-Length or as soon as a chunk announces more.
    /// Default 16 MiB.
    public var body: Int
    /// Longest line that announces a chunk, with its extensions; longer is refused with 400. Default 256.
    public var chunkLine: Int
    /// Most chunk extension bytes in one body; more are refused with 400. Default 16 384.
    ///
    /// Without it a body of one-byte chunks could carry 250 times its size in ignored bytes (RFC 9112 §7.1.1).
    public var chunkExtensionBytes: Int
    /// Most trailer fields after a chunked body; more are refused with 431. Default 32.
    public var trailerCount: Int
    /// Longest trailer section; longer is refused with 431. Default 8192.
    public var trailerBytes: Int
    /// Most empty lines skipped before a request line; more are refused with 400. Default 4 (RFC 9112 §2.2).
    public var leadingEmptyLines: Int

    /// The default limits.
    public init() {
        requestLine = 8_192
        fieldCount = 100
        headBytes = 32_768
        body = 16 * 1_048_576
        chunkLine = 256
        chunkExtensionBytes = 16_384
        trailerCount = 32
        trailerBytes = 8_192
        leadingEmptyLines = 4
    }
}
