import CSystem
import Glibc

/// The kernel's side of a loop: an epoll set and the eventfd that other threads wake it with. Owns both.
///
/// All but ``wake()`` is for the loop's thread.
final class Poller {
    /// Most events taken from the kernel in one turn; the rest come in the next, in turn.
    static let capacity: Int32 = 256
    /// The key of the eventfd; no slot has it (see ``RegistrationTable``).
    static let wakeKey = UInt64.max

    let epoll: Int32
    let wakeDescriptor: Int32
    private let events: UnsafeMutableRawPointer
    private let calls: LoopSystemCalls
    /// False once the kernel has said that it cannot wait with nanoseconds.
    private(set) var isPrecise = true

    init(calls: LoopSystemCalls) throws(EventLoopError) {
        let epoll = calls.createEpoll()
        guard epoll >= 0 else { throw EventLoopError(call: "epoll_create1", code: -epoll) }
        let wake = calls.createEventDescriptor()
        guard wake >= 0 else {
            close(epoll)
            throw EventLoopError(call: "eventfd", code: -wake)
        }
        // Edge-triggered: each write is an edge of its own, so the counter never needs to be read back.
        let edgeTriggered: UInt32 = 1 << 31
        let added = calls.add(epoll, wake, IOEvents.readable.rawValue | edgeTriggered, Poller.wakeKey)
        guard added >= 0 else {
            close(wake)
            close(epoll)
            throw EventLoopError(call: "epoll_ctl", code: -added, descriptor: wake)
        }
        self.calls = calls
        self.epoll = epoll
        wakeDescriptor = wake
        events = .allocate(byteCount: Int(Poller.capacity) * csystem_event_size(), alignment: 8)
    }

    deinit {
        events.deallocate()
        close(wakeDescriptor)
        close(epoll)
    }

    /// Any thread.
    func wake() {
        let status = csystem_eventfd_notify(wakeDescriptor)
        // EAGAIN says that the counter is full, which takes 2^64 - 1 wake-ups.
        precondition(status == 0 || status == -EAGAIN, "bug: write to eventfd failed with errno \(-status)")
    }

    /// 0 or a negative errno.
    func add(_ descriptor: Int32, _ interest: IOEvents, key: UInt64) -> Int32 {
        calls.add(epoll, descriptor, interest.rawValue, key)
    }

    /// 0 or a negative errno.
    func modify(_ descriptor: Int32, _ interest: IOEvents, key: UInt64) -> Int32 {
        calls.modify(epoll, descriptor, interest.rawValue, key)
    }

    func remove(_ descriptor: Int32) {
        // Fails when the descriptor was closed before; then epoll has forgotten it by itself.
        _ = csystem_epoll_remove(epoll, descriptor)
    }

    /// The key of one of the events of the last wait.
    @inline(__always)
    func key(at index: Int32) -> UInt64 { csystem_event_key(events, index) }

    /// The bits of one of the events of the last wait.
    @inline(__always)
    func bits(at index: Int32) -> UInt32 { csystem_event_bits(events, index) }

    /// Fills `events` and returns how many there are.
    ///
    /// - Parameter timeout: nanoseconds; 0 only looks, negative waits for ever.
    func wait(timeout: Int64) -> Int32 {
        let count =
            timeout > 0 ? waitForTime(timeout) : calls.wait(epoll, events, Poller.capacity, timeout < 0 ? -1 : 0)
        if count >= 0 { return count }
        // A signal is no failure: report nothing, and the loop looks at its timers and comes back.
        precondition(count == -EINTR, "bug: epoll_wait failed with errno \(-count)")
        return 0
    }

    private func waitForTime(_ nanoseconds: Int64) -> Int32 {
        if isPrecise {
            let count = calls.waitNanoseconds(epoll, events, Poller.capacity, nanoseconds)
            // EPERM: what container sandboxes answer for calls they have not heard of.
            guard count == -ENOSYS || count == -EPERM else { return count }
            isPrecise = false
        }
        let milliseconds = (nanoseconds - 1) / 1_000_000 + 1
        return calls.wait(epoll, events, Poller.capacity, Int32(clamping: milliseconds))
    }
}
