/// How much of a response's head is accepted before it is refused.
///
/// All sizes are in bytes and count line ends. Every limit is checked while bytes arrive, so a peer
/// can never make the reader hold more than the limit.
public struct ResponseLimits: Sendable, Equatable {
    /// Longest status line. Default 8192.
    public var statusLine: Int
    /// Most header fields. Default 256: servers set cookies one field each.
    public var fieldCount: Int
    /// Longest header section, from the end of the status line to the empty line's end. Default 65 536.
    public var headBytes: Int

    /// The default limits.
    public init() {
        statusLine = 8_192
        fieldCount = 256
        headBytes = 65_536
    }
}
