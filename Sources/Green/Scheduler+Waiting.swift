import LuaRuntime

/// How natives wait: ask for the green that may park, park it, and see afterwards how it was woken.
extension Scheduler {
    /// Whether the running native may wait, and who would.
    public enum Permission {
        case granted(GreenWorker)
        /// Answer this code: the error is on the stack.
        case refused(Int32)
    }

    /// To be asked right before parking. Refused outside a green, below a C function that cannot be yielded across,
    /// and when the green has been interrupted meanwhile: the interrupt is raised here.
    public func permission(_ lua: LuaStack) -> Permission {
        guard let worker = running else { return .refused(lua.fail(Scheduler.mainMessage)) }
        if let reason = worker.takeInterrupt() { return .refused(raise(reason, on: lua)) }
        guard lua.canPark else { return .refused(lua.fail(Scheduler.blockedMessage(lua))) }
        return .granted(worker)
    }

    static let mainMessage = "cannot wait on the main coroutine: run this in a green (green.spawn, a pool, a handler)"
    private static func blockedMessage(_ lua: LuaStack) -> String {
        let barrier = lua.barrier ?? "a function of C, a finalizer or a message handler"
        return "cannot wait here: \(barrier) cannot be suspended, and is between this call and the green; "
            + "wait before it is called, or spawn a green that waits"
    }

    /// Parks a worker until `list` wakes it; `timeout` in nanoseconds, nil for none. Answers the code to return.
    public func park(_ worker: GreenWorker, on list: WaitList, timeout: Int64?) -> Int32 {
        worker.state = .parked
        list.append(worker)
        if let timeout { worker.schedule(after: timeout) }
        return Native.park
    }

    /// In `resumed`: why the green was woken, nil when it was interrupted and `raise` was the answer to give.
    public func takeWakeReason() -> WakeReason {
        guard let worker = running else { return .ready }
        let reason = worker.wakeReason
        worker.wakeReason = .ready
        if worker.handedBy != nil { worker.handedBy = nil }
        return reason
    }

    /// Raises the error of an interrupt or a timeout: a value made beforehand, so that it needs no memory.
    public func raise(_ reason: WakeReason, on lua: LuaStack) -> Int32 {
        if let running, running.isAskedToEnd { running.isCleaningUp = true }
        self.lua.vault.push(slot(of: reason), on: lua)
        return Native.raise
    }

    /// Makes the green's wait raise: the wait it is in, or else its next one, or what it computes at the end of its
    /// slice. One that is cancelled and has not ended when its grace is over is stopped.
    public func interrupt(_ worker: GreenWorker, _ reason: WakeReason) {
        if reason == .cancelled {
            askToEnd(worker, reason)
            if worker.shields > 0 {
                worker.hasHeldCancellation = true
                return
            }
        }
        if worker.state == .parked {
            worker.list?.remove(worker)
            worker.wake(reason)
        } else if worker.pendingInterrupt != .cancelled, !(reason == .cancelled && worker.wakeReason == .cancelled) {
            worker.pendingInterrupt = reason
        }
    }
}

/// The common form of a wait: parks with the timeout given at an index, and answers true, or nil, "timeout".
extension Scheduler {
    /// Parks the green that runs until `list` wakes it or its timeout, the seconds at `index`, is over; the code to
    /// answer. For natives whose `resumed` is `answerWait`.
    public func wait(_ lua: LuaStack, on list: WaitList, timeoutAt index: Int32) -> Int32 {
        let timeout: Int64?
        switch Seconds.read(lua, at: index) {
        case .bad: return lua.fail(argument: index, expected: "number of seconds")
        case .none: timeout = nil
        case .nanoseconds(let span): timeout = span
        }
        if timeout == 0 { return Scheduler.answerTimeout(lua) }
        switch permission(lua) {
        case .refused(let code): return code
        case .granted(let worker): return park(worker, on: list, timeout: timeout)
        }
    }

    /// For `resumed`.
    public static func answerWait(_ lua: LuaStack) -> Int32 {
        let scheduler = Scheduler.of(lua)
        switch scheduler.takeWakeReason() {
        case .ready:
            lua.push(true)
            return 1
        case .timeout: return answerTimeout(lua)
        case let reason: return scheduler.raise(reason, on: lua)
        }
    }

    /// nil, "timeout".
    public static func answerTimeout(_ lua: LuaStack) -> Int32 {
        lua.pushNil()
        do { try lua.push("timeout") } catch { return Native.raise }
        return 2
    }
}
