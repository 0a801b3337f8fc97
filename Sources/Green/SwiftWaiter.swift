import EventLoop
import LuaRuntime

/// A Swift task that waits where greens wait: through a continuation that is resumed on the loop.
///
/// The caller must run on the loop: in the host's actor, or with the loop as its executor.
final class SwiftWaiter: Waiter {
    private var continuation: CheckedContinuation<WakeReason, Never>?
    private let scheduler: Scheduler
    /// Takes what it was woken with, in the moment of the wake: the task itself runs later.
    private let take: () -> Void

    private init(
        _ scheduler: Scheduler, _ continuation: CheckedContinuation<WakeReason, Never>, take: @escaping () -> Void
    ) {
        self.scheduler = scheduler
        self.continuation = continuation
        self.take = take
        super.init()
    }

    override func wake(_ reason: WakeReason) {
        scheduler.loop.cancel(self)
        scheduler.loop.removeHold()
        if reason == .ready { take() }
        continuation?.resume(returning: reason)
        continuation = nil
    }

    /// Waits in a list; true when it need not or was woken, false when the timeout came first.
    ///
    /// Calling an async function may let others run first, so all that must not be torn apart is done here, at once:
    /// - Parameters:
    ///   - isReady: whether there is nothing to wait for.
    ///   - parked: what to do once it is in the list.
    ///   - take: what to do when it is woken, before anybody else can run.
    static func wait(
        on list: WaitList, of scheduler: Scheduler, timeout: Duration?, isolation: isolated (any Actor)?,
        unless isReady: () -> Bool, parked: () -> Void = {}, take: @escaping () -> Void = {}
    ) async -> Bool {
        let reason = await withCheckedContinuation(isolation: isolation) { continuation in
            precondition(scheduler.loop.isOnLoop, "only code that runs on the loop of the host may wait here")
            if isReady() {
                continuation.resume(returning: WakeReason.ready)
                return
            }
            let waiter = SwiftWaiter(scheduler, continuation, take: take)
            // While a Swift task waits, the program is not a deadlock: the task's own timer or another task may act.
            scheduler.loop.addHold()
            list.append(waiter)
            if let timeout { scheduler.loop.schedule(waiter, at: scheduler.loop.now + timeout) }
            parked()
        }
        return reason == .ready
    }
}

/// The same waits as scripts have, for Swift code on the loop. Times are `Duration`s; nil waits for ever.
extension GreenLock {
    /// Waits until the lock is the host's. false when the timeout came first.
    public func acquire(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        await SwiftWaiter.wait(
            on: self, of: scheduler, timeout: timeout, isolation: isolation,
            unless: {
                if isLocked { return false }
                takeForHost()
                return true
            }, take: { self.takeForHost() })
    }

    /// Hands it on. false when it was not locked.
    @discardableResult
    public func release() -> Bool { give() }
}

extension Semaphore {
    /// Waits for a permit. false when the timeout came first.
    public func acquire(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        await SwiftWaiter.wait(
            on: self, of: scheduler, timeout: timeout, isolation: isolation, unless: { tryAcquire() })
    }
}

extension Event {
    /// Waits until it is set. false when the timeout came first.
    public func wait(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        await SwiftWaiter.wait(on: self, of: scheduler, timeout: timeout, isolation: isolation, unless: { isSet })
    }
}

extension Condition {
    /// Waits until notified; its lock, if it has one, must be the host's. false when the timeout came first.
    public func wait(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        let notified = await SwiftWaiter.wait(
            on: self, of: scheduler, timeout: timeout, isolation: isolation, unless: { false },
            parked: { lock?.release() })
        _ = await lock?.acquire(isolation: isolation)
        return notified
    }
}

extension Future {
    /// Waits until it is done, in whatever way. false when the timeout came first.
    public func wait(timeout: Duration? = nil, isolation: isolated (any Actor)? = #isolation) async -> Bool {
        await SwiftWaiter.wait(on: self, of: scheduler, timeout: timeout, isolation: isolation, unless: { isDone })
    }
}
