import Glibc

/// How a listener listens.
public struct ListenerOptions: Sendable {
    /// How many connections may wait to be accepted; the kernel caps it at `net.core.somaxconn`. Default 2048.
    public var backlog: Int32 = 2_048
    /// Whether other sockets of this user may listen on the same port, each getting its share (`SO_REUSEPORT`). Default false.
    public var reusePort = false
    /// The rights of a UNIX domain socket's file; nil leaves them to the umask. Default nil.
    public var unixMode: mode_t?
    /// How many connections are accepted before the loop looks at other descriptors again; at least 1. Default 32.
    public var batch = 32
    /// Whether the listener counts as pending work of its loop while it accepts. Default true.
    public var keepsLoopAlive = true

    /// The defaults.
    public init() {}
}
