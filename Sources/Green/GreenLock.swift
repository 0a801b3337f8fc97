import EventLoop
import LuaRuntime

/// A lock owned by one green at a time, handed on first in first out. Not re-entrant.
///
/// Between a release and the next owner's turn the lock stays locked, and `owner` still tells the old one. A green
/// that ends while it holds locks gives them up, with a line in the log. Loop thread only.
public final class GreenLock: WaitList {
    /// Who holds the lock.
    enum Owner {
        case nobody
        case green(GreenWorker, serial: Int)
        /// A Swift task.
        case host
    }

    let scheduler: Scheduler
    private(set) var owner = Owner.nobody
    /// The lock was handed to a waiter whose turn has not come.
    private(set) var isHandedOver = false
    /// The next older lock that the owner holds.
    private var olderHeld: GreenLock?

    /// An unlocked lock.
    public init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init()
    }

    /// Whether somebody holds it.
    public var isLocked: Bool {
        if case .nobody = owner { return false }
        return true
    }

    override public var waitDescription: String {
        switch owner {
        case .nobody: "GreenLock"
        case .green(let worker, _): "GreenLock held by \(worker.name)"
        case .host: "GreenLock held by the host"
        }
    }

    // MARK: Taking and giving

    /// Takes a lock that is free.
    @inline(__always)
    func take(_ worker: GreenWorker) {
        owner = .green(worker, serial: worker.serial)
        isHandedOver = false
        olderHeld = worker.heldLock
        worker.heldLock = self
    }

    func takeForHost() {
        owner = .host
        isHandedOver = false
    }

    /// Gives it up: to the one who has waited longest, or to nobody. false when it is not locked.
    func give() -> Bool {
        guard isLocked, !isHandedOver else { return false }
        if case .green(let worker, let serial) = owner, worker.serial == serial { forget(worker) }
        if hasWaiters {
            isHandedOver = true
            handToFirst()
        } else {
            owner = .nobody
        }
        return true
    }

    /// The one it was handed to will not take it: on to the next.
    func handOn() {
        isHandedOver = false
        owner = .host  // nobody else may take it before the next waiter
        _ = give()
    }

    override public func takeBack() { handOn() }

    private func forget(_ worker: GreenWorker) {
        if worker.heldLock === self {
            worker.heldLock = olderHeld
        } else {
            var newer = worker.heldLock
            while let candidate = newer, candidate.olderHeld !== self { newer = candidate.olderHeld }
            newer?.olderHeld = olderHeld
        }
        olderHeld = nil
    }

    /// Frees what an ended run still holds.
    static func releaseAll(of worker: GreenWorker) {
        while let lock = worker.heldLock {
            lock.scheduler.log("\(worker.title) ended while it held a GreenLock: it is released")
            _ = lock.give()
        }
    }

    /// The same when nobody is left to be told or to take them.
    static func forgetAll(of worker: GreenWorker) {
        while let lock = worker.heldLock {
            lock.forget(worker)
            lock.owner = .nobody
        }
    }

    /// What reports say of the circle of greens waiting for each other's locks that `worker`, waiting here for ever, would
    /// close: who holds this lock, and what each waits for. nil where there is none.
    func deadlock(closedBy worker: GreenWorker) -> String? {
        guard wouldDeadlock(worker) else { return nil }
        var (lock, text) = (self, waitDescription)
        while case .green(let holder, _) = lock.owner, holder !== worker, let next = holder.list as? GreenLock {
            lock = next
            text += ", which waits for a \(lock.waitDescription)"
        }
        return text
    }

    private func wouldDeadlock(_ worker: GreenWorker) -> Bool {
        var lock = self
        var circle = CycleGuard()
        while case .green(let holder, _) = lock.owner, !lock.isHandedOver {
            if holder === worker { return true }
            guard let next = holder.list as? GreenLock, !holder.isScheduled else { return false }
            // A circle this worker is not part of: made by Condition:wait, which must take its lock back.
            if circle.comesRound(to: next) { return false }
            lock = next
        }
        return false
    }

    static func at(_ index: Int32, of lua: LuaStack) -> GreenLock? {
        lua.reference(at: index, of: definition, as: GreenLock.self)
    }
}
