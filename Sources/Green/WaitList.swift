import EventLoop

/// Why a waiter was woken.
public enum WakeReason: UInt8, Sendable {
    /// What it waited for happened.
    case ready
    /// Its own timeout came first.
    case timeout
    /// Somebody cancelled it; it is woken with the `cancelled` error.
    case cancelled
    /// A `green.timeout` around it expired; it is woken with the `timed_out` error.
    case deadline
    /// It has used more of the processor than it may; it gets the error of the kind `limit`.
    case spent
    /// The memory limit is near; it gets "not enough memory".
    case refused
}

/// Somebody who waits: a green, or a Swift task through its continuation. In one `WaitList` at most.
///
/// It is its own timer, which costs less than having one: scheduled, it is woken with `.timeout` unless something
/// else wakes it before. Loop thread only.
open class Waiter: LoopTimer {
    final var next: Waiter?
    final unowned(unsafe) var previous: Waiter?
    /// Safety: a list takes all its waiters out in its `deinit`, so this never dangles.
    final unowned(unsafe) public internal(set) var list: WaitList?
    /// What has woken it with something that is its alone, until it takes that.
    final var handedBy: WaitList?

    init() { super.init() }

    /// Its time is up. One who is in no list sleeps: that the time is up is what it waits for.
    public final override func fire() {
        guard let list else { return wake(.ready) }
        list.remove(self)
        wake(.timeout)
    }

    /// It has been taken out of its list: let it run on a later turn.
    open func wake(_ reason: WakeReason) { fatalError("bug: wake is for subclasses") }
}

/// Those who wait for one thing, first in first out. The base of everything that can be waited for.
///
/// Loop thread only.
open class WaitList {
    final private var head: Waiter?
    final private unowned(unsafe) var tail: Waiter?
    /// How many wait.
    public final var waiterCount: Int {
        var count = 0
        var waiter = head
        while let one = waiter {
            count += 1
            waiter = one.next
        }
        return count
    }

    /// Nobody waits yet.
    public init() {}

    deinit { while takeFirst() != nil {} }

    /// What somebody who waits here waits for, for reports: "GreenLock held by green 3".
    open var waitDescription: String { "something" }

    /// Whether anybody waits.
    public final var hasWaiters: Bool { head != nil }

    final func append(_ waiter: Waiter) {
        waiter.list = self
        waiter.previous = tail
        if let tail { tail.next = waiter } else { head = waiter }
        tail = waiter
    }

    final func remove(_ waiter: Waiter) {
        let next = waiter.next
        if let previous = waiter.previous { previous.next = next } else { head = next }
        if let next { next.previous = waiter.previous } else { tail = waiter.previous }
        waiter.next = nil
        waiter.previous = nil
        waiter.list = nil
    }

    /// Takes the one who has waited longest.
    final func takeFirst() -> Waiter? {
        guard let first = head else { return nil }
        remove(first)
        return first
    }

    /// Wakes the one who has waited longest; false when nobody waits.
    @discardableResult
    public final func wakeFirst() -> Bool {
        guard let first = takeFirst() else { return false }
        first.wake(.ready)
        return true
    }

    /// The same with something that is its alone from now on: `takeBack` is told should it be stopped before its turn.
    @discardableResult
    public final func handToFirst() -> Bool {
        guard let first = takeFirst() else { return false }
        first.handedBy = self
        first.wake(.ready)
        return true
    }

    /// The one to whom something was handed will not take it: on to the next.
    open func takeBack() {}

    /// Wakes all who wait now.
    public final func wakeAll() {
        // Those who come while the others are woken wait behind the last of now.
        guard let last = tail else { return }
        while let waiter = takeFirst() {
            waiter.wake(.ready)
            if waiter === last { return }
        }
    }
}
