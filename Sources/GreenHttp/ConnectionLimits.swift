/// How many connections a client may have; who comes when they are all taken waits, first in first out.
public struct ConnectionLimits: Sendable, Equatable {
    /// To one host and port; 0 for no limit. Default 64.
    public var perHost = 64
    /// In all; 0 for no limit. Default 256.
    public var total = 256
    /// Kept open for later requests. Default 64.
    public var idle = 64

    /// The defaults.
    public init() {}
}
