import EventLoop
import Synchronization

/// What handles that travel between threads know of their host: the way to its loop, and whether it is closed.
// Safety: `core` is read on the loop's thread only, and written before the host is known to anybody else; a weak
// reference may be cleared from any thread.
final class HostLink: @unchecked Sendable {
    let loop: EventLoop
    weak var core: HostCore?
    private let closed = Atomic(false)

    init(_ loop: EventLoop) { self.loop = loop }

    /// Any thread.
    var isClosed: Bool { closed.load(ordering: .acquiring) }

    func markClosed() { closed.store(true, ordering: .releasing) }

    /// Gives up a value that the host holds. Any thread: the loop does it.
    func release(_ slot: Int32) {
        if isClosed { return }
        if loop.isOnLoop {
            core?.release(slot)
        } else {
            loop.execute { [self] in core?.release(slot) }
        }
    }
}
