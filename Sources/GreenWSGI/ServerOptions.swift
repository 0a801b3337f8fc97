import Green
import HTTPWire

/// How a server treats its connections. Times are `Duration`s.
public struct ServerOptions: Sendable {
    /// What a request may weigh.
    public var limits = RequestLimits()
    /// How long a client may keep the server waiting for a head, for more of a body, or for room to write. Default
    /// 60 s; a late head or body is answered 408.
    public var clientTimeout = Duration.seconds(60)
    /// How long a connection may stay open between requests. Default 75 s.
    public var idleTimeout = Duration.seconds(75)
    /// Most connections at once; more wait in the kernel's backlog. Default 10 000.
    public var maxConnections = 10_000
    /// How long running requests may go on once the server stops. Default 30 s.
    public var graceTime = Duration.seconds(30)
    /// What the handler of one request may use; nil for what the host's limits say.
    public var handlerLimits: CallLimits?
    /// Tracebacks in error pages. Default off.
    public var isDevelopment = false
    /// Bytes of a streamed response that may wait to be sent before the handler is parked. Default 64 KiB.
    public var writeHighWater = 65_536

    /// The defaults.
    public init() {}
}
