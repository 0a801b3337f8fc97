import LuaRuntime

/// `GreenLock()`: `lock:acquire([timeout])`, `lock:release()`, `lock:locked()`, `lock.owner`, and
/// `local guard <close> = lock:guard([timeout])`, which releases when the block is left.
extension GreenLock {
    static let definition: ClassDefinition = ClassDefinition(
        "GreenLock",
        members: [
            .method("acquire", acquire), .method("release", release), .method("locked", locked),
            .method("guard", guardNative), .property("owner", 1),
        ],
        get: Native("GreenLock.get") { state in
            let lua = LuaStack(state)
            guard let lock = at(1, of: lua) else { return expected(lua) }
            return lock.pushOwner(lua)
        },
        metamethods: [.method("__close", closeGuard)],
        outside: 112, release: ClassDefinition.releaseReference)

    /// `GreenLock()`.
    static let make = Native("GreenLock") { state in
        let lua = LuaStack(state)
        do { try lua.push(reference: GreenLock(Scheduler.of(lua)), as: definition) } catch { return Native.raise }
        return 1
    }

    private static func expected(_ lua: LuaStack) -> Int32 { lua.fail(argument: 1, expected: "GreenLock") }

    private func pushOwner(_ lua: LuaStack) -> Int32 {
        switch owner {
        case .nobody: lua.pushNil()
        case .host: lua.push(true)
        case .green(let worker, let serial):
            // Handed over by a green that has ended: its worker has no handle for what it was.
            guard worker.serial == serial, worker.state != .idle else {
                lua.push(true)
                return 1
            }
            return GreenHandle.push(worker, on: lua)
        }
        return 1
    }

    /// `lock:acquire([timeout])`: parks until the lock is this green's. true, or nil, "timeout".
    private static let acquire = Native(
        "GreenLock:acquire",
        { state in acquire(LuaStack(state)) { lua in lua.push(true) } },
        resumed: { state in acquired(LuaStack(state)) { lua in lua.push(true) } })

    /// The same, and the lock itself as the guard.
    private static let guardNative = Native(
        "GreenLock:guard",
        { state in acquire(LuaStack(state)) { lua in lua.pushCopy(of: 1) } },
        resumed: { state in acquired(LuaStack(state)) { lua in lua.pushCopy(of: 1) } })

    @inline(__always)
    private static func acquire(_ lua: LuaStack, _ answer: (LuaStack) -> Void) -> Int32 {
        guard let lock = at(1, of: lua) else { return expected(lua) }
        let scheduler = lock.scheduler
        guard let worker = scheduler.running else { return lua.fail(Scheduler.mainMessage) }
        if !lock.isLocked {
            lock.take(worker)
            answer(lua)
            return 1
        }
        if lua.isNil(at: 2), let circle = lock.deadlock(closedBy: worker) {
            return lua.fail("deadlock: \(worker.name) would wait for itself (\(circle))")
        }
        return scheduler.wait(lua, on: lock, timeoutAt: 2)
    }

    @inline(__always)
    private static func acquired(_ lua: LuaStack, _ answer: (LuaStack) -> Void) -> Int32 {
        guard let lock = at(1, of: lua) else { return expected(lua) }
        let scheduler = lock.scheduler
        switch scheduler.takeWakeReason() {
        case .ready:
            if let worker = scheduler.running { lock.take(worker) }
            answer(lua)
            return 1
        case .timeout: return Scheduler.answerTimeout(lua)
        case let reason: return scheduler.raise(reason, on: lua)
        }
    }

    /// `lock:release()`: hands the lock on; anybody may; raises when it is not locked.
    private static let release = Native("GreenLock:release") { state in
        let lua = LuaStack(state)
        guard let lock = at(1, of: lua) else { return expected(lua) }
        return lock.give() ? 0 : lua.fail("release unlocked lock")
    }

    /// Leaving the block: releases, unless the lock was released within.
    private static let closeGuard = Native("GreenLock:close") { state in
        let lua = LuaStack(state)
        guard let lock = at(1, of: lua) else { return expected(lua) }
        if case .green(let worker, let serial) = lock.owner, worker === lock.scheduler.running,
            worker.serial == serial
        {
            _ = lock.give()
        }
        return 0
    }

    /// `lock:locked()`: the owner, or nil.
    private static let locked = Native("GreenLock:locked") { state in
        let lua = LuaStack(state)
        guard let lock = at(1, of: lua) else { return expected(lua) }
        return lock.pushOwner(lua)
    }
}
