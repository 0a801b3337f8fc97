import LuaRuntime

/// Greens wait here until another notifies them; with a lock it is given up while they wait. Loop thread only.
public final class Condition: WaitList {
    let scheduler: Scheduler
    /// The lock that is given up while waiting, and taken back before the wait returns.
    public let lock: GreenLock?

    /// A condition nobody waits for.
    public init(_ scheduler: Scheduler, lock: GreenLock? = nil) {
        self.scheduler = scheduler
        self.lock = lock
        super.init()
    }

    override public var waitDescription: String { "a Condition" }

    /// Wakes those who have waited longest, at most `count`; how many there were.
    @discardableResult
    public func notify(_ count: Int = 1) -> Int {
        var woken = 0
        while woken < count, handToFirst() { woken += 1 }
        return woken
    }

    override public func takeBack() { notify() }

    // MARK: Scripts

    static let definition: ClassDefinition = ClassDefinition(
        "Condition",
        members: [.method("wait", wait), .method("notify", notifyNative), .method("notify_all", notifyAll)],
        outside: 96, release: ClassDefinition.releaseReference)

    private static func at(_ index: Int32, of lua: LuaStack) -> Condition? {
        lua.reference(at: index, of: definition, as: Condition.self)
    }

    /// `green.Condition([lock])`.
    static let make = Native("green.Condition") { state in
        let lua = LuaStack(state)
        let lock = GreenLock.at(1, of: lua)
        if lock == nil, !lua.isNil(at: 1) { return lua.fail(argument: 1, expected: "GreenLock") }
        do {
            try lua.push(reference: Condition(Scheduler.of(lua), lock: lock), as: definition)
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `condition:wait([timeout])`: parks until notified. true, or nil, "timeout". With a lock: it must be held.
    private static let wait = Native(
        "Condition:wait",
        { state in
            let lua = LuaStack(state)
            guard let condition = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Condition") }
            let scheduler = condition.scheduler
            lua.setTop(2)
            if let lock = condition.lock {
                guard case .green(let owner, _) = lock.owner, owner === scheduler.running, !lock.isHandedOver else {
                    return lua.fail("condition:wait needs its lock held by this green")
                }
            }
            let code = scheduler.wait(lua, on: condition, timeoutAt: 2)
            if code == Native.park { _ = condition.lock?.give() }
            return code
        }, resumed: resumed)

    /// First the notification, then, with a lock, the lock. Between the two the outcome of the first, a wake reason
    /// by number, takes the place of the timeout at index 2, and a third value says so.
    private static let resumed: Native.Function = { state in
        let lua = LuaStack(state)
        guard let condition = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Condition") }
        let scheduler = condition.scheduler
        var reason = scheduler.takeWakeReason()
        if let lock = condition.lock, let worker = scheduler.running {
            if lua.top < 3 {
                lua.setTop(1)
                lua.push(Int(reason.rawValue))
                lua.push(true)
                if lock.isLocked { return scheduler.park(worker, on: lock, timeout: nil) }
            } else if reason != .ready {
                // Interrupted while it waited for the lock: that is told, but the lock it must have.
                lua.push(Int(reason.rawValue))
                lua.replace(at: 2)
                if lock.isLocked { return scheduler.park(worker, on: lock, timeout: nil) }
            }
            lock.take(worker)
            reason = WakeReason(rawValue: UInt8(lua.integer(at: 2) ?? 0)) ?? .ready
        }
        switch reason {
        case .ready:
            lua.push(true)
            return 1
        case .timeout: return Scheduler.answerTimeout(lua)
        default: return scheduler.raise(reason, on: lua)
        }
    }

    /// `condition:notify([count = 1])`: how many were woken.
    private static let notifyNative = Native("Condition:notify") { state in
        let lua = LuaStack(state)
        guard let condition = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Condition") }
        lua.push(condition.notify(lua.integer(at: 2) ?? 1))
        return 1
    }

    /// `condition:notify_all()`: how many were woken.
    private static let notifyAll = Native("Condition:notify_all") { state in
        let lua = LuaStack(state)
        guard let condition = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Condition") }
        lua.push(condition.waiterCount)
        condition.wakeAll()
        return 1
    }
}
