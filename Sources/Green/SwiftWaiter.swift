import EventLoop
import LuaRuntime

/// A Swift task that waits where greens wait: through a continuation that is resumed on the loop.
///
/// The caller must run on the loop: in the host's actor, or with the loop as its executor.
final class SwiftWaiter: Waiter {
    private var continuation: CheckedContinuation<WakeReason, Never>?
    private var timer: SwiftWaiterTimer?
    private let scheduler: Scheduler

    private init(_ scheduler: Scheduler, _ continuation: CheckedContinuation<WakeReason, Never>) {
        self.scheduler = scheduler
        self.continuation = continuation
        super.init()
    }

    override func wake(_ reason: WakeReason) {
        if let timer { scheduler.loop.cancel(timer) }
        timer = nil
        scheduler.loop.removeHold()
        continuation?.resume(returning: reason)
        continuation = nil
    }

    fileprivate func timeIsUp() {
        list?.remove(self)
        wake(.timeout)
    }

    /// Waits in a list; how it was woken.
    static func wait(
        on list: WaitList, of scheduler: Scheduler, timeout: Duration?, isolation: isolated (any Actor)?
    ) async -> WakeReason {
        precondition(scheduler.loop.isOnLoop, "only code that runs on the loop of the host may wait here")
        return await withCheckedContinuation(isolation: isolation) { continuation in
            let waiter = SwiftWaiter(scheduler, continuation)
            // While a Swift task waits, the program is not a deadlock: the task's own timer or another task may act.
            scheduler.loop.addHold()
            list.append(waiter)
            if let timeout {
                let timer = SwiftWaiterTimer(waiter)
                waiter.timer = timer
                scheduler.loop.schedule(timer, at: scheduler.loop.now + timeout)
            }
        }
    }
}

private final class SwiftWaiterTimer: LoopTimer {
    private unowned let waiter: SwiftWaiter

    init(_ waiter: SwiftWaiter) { self.waiter = waiter }

    override func fire() { waiter.timeIsUp() }
}

/// The same waits as scripts have, for Swift code on the loop. Times are `Duration`s; nil waits for ever.
extension GreenLock {
    /// Waits until the lock is the host's. false when the timeout came first.
    public func acquire(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        if !isLocked {
            takeForHost()
            return true
        }
        guard await SwiftWaiter.wait(on: self, of: scheduler, timeout: timeout, isolation: isolation) == .ready else {
            return false
        }
        takeForHost()
        return true
    }

    /// Hands it on. false when it was not locked.
    @discardableResult
    public func release() -> Bool { give() }
}

extension Semaphore {
    /// Waits for a permit. false when the timeout came first.
    public func acquire(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        if tryAcquire() { return true }
        return await SwiftWaiter.wait(on: self, of: scheduler, timeout: timeout, isolation: isolation) == .ready
    }
}

extension Event {
    /// Waits until it is set. false when the timeout came first.
    public func wait(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        if isSet { return true }
        return await SwiftWaiter.wait(on: self, of: scheduler, timeout: timeout, isolation: isolation) == .ready
    }
}

extension Condition {
    /// Waits until notified; its lock, if it has one, must be the host's. false when the timeout came first.
    public func wait(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        lock?.release()
        let reason = await SwiftWaiter.wait(on: self, of: scheduler, timeout: timeout, isolation: isolation)
        _ = await lock?.acquire(isolation: isolation)
        return reason == .ready
    }
}

extension Future {
    /// Waits until it is done, in whatever way. false when the timeout came first.
    public func wait(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        if isDone { return true }
        return await SwiftWaiter.wait(on: self, of: scheduler, timeout: timeout, isolation: isolation) == .ready
    }
}
