/// What can be the matter with a descriptor.
///
/// The raw values are those of epoll_ctl(2), so that nothing is translated per event.
public struct IOEvents: OptionSet, Hashable, Sendable {
    /// The bits as epoll uses them.
    public let rawValue: UInt32

    /// Takes bits as epoll uses them.
    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// There is something to read or to accept, or the end of the stream (`EPOLLIN`).
    public static let readable = IOEvents(rawValue: 0x0001)
    /// Something can be written, or a connection attempt has ended (`EPOLLOUT`).
    public static let writable = IOEvents(rawValue: 0x0004)
    /// An error is pending (`EPOLLERR`). Reported whether asked for or not.
    public static let error = IOEvents(rawValue: 0x0008)
    /// Both directions are closed (`EPOLLHUP`). Reported whether asked for or not.
    public static let hangup = IOEvents(rawValue: 0x0010)
    /// The peer will send no more (`EPOLLRDHUP`). Reported only when asked for.
    public static let peerClosed = IOEvents(rawValue: 0x2000)

    /// What epoll reports whether asked for or not.
    static let always: IOEvents = [.error, .hangup]
}
