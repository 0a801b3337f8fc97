import EventLoop
import LuaRuntime

/// `green.spawn`, `green.sleep`, `green.now`, `green.future`.
enum Spawn {
    /// `green.spawn(fn, ...)`: runs `fn(...)` in a green of its own, on a later turn of the loop; its future.
    static let spawn = Native("green.spawn") { state in
        let lua = LuaStack(state)
        guard lua.isCallable(at: 1) else { return lua.fail(argument: 1, expected: "function") }
        let scheduler = Scheduler.of(lua)
        let future = Future(scheduler)
        do {
            try lua.push(reference: future, as: Future.definition)
            lua.insert(at: 1)
            try scheduler.start(from: lua, arguments: lua.top - 2, outcome: future)
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `green.sleep([seconds = 0])`: parks this green; 0 lets the others run first.
    static let sleep = Native(
        "green.sleep",
        { state in
            let lua = LuaStack(state)
            let scheduler = Scheduler.of(lua)
            let reading = Seconds.read(lua, at: 1)
            if case .bad = reading { return lua.fail(argument: 1, expected: "number of seconds") }
            switch scheduler.permission(lua) {
            case .refused(let code): return code
            case .granted(let worker):
                switch reading {
                case .nanoseconds(let span) where span > 0:
                    worker.state = .parked
                    worker.schedule(after: span)
                case .none where !lua.isNil(at: 1):
                    worker.state = .parked
                    worker.schedule(after: .max)
                default:
                    scheduler.makeReady(worker)
                }
                return Native.park
            }
        },
        resumed: { state in
            let lua = LuaStack(state)
            let scheduler = Scheduler.of(lua)
            let reason = scheduler.takeWakeReason()
            return reason == .ready ? 0 : scheduler.raise(reason, on: lua)
        })

    /// `green.now()`: seconds of a clock that never goes back, read now.
    static let now = Native("green.now") { state in
        let lua = LuaStack(state)
        let loop = Scheduler.of(lua).loop
        loop.updateNow()
        lua.push(Double(loop.now.nanoseconds) / 1e9)
        return 1
    }

    /// `green.future()`: a future for a script to settle: `set_result(...)`, `set_error(value)`.
    static let future = Native("green.future") { state in
        let lua = LuaStack(state)
        let future = Future(Scheduler.of(lua))
        future.isPromise = true
        do {
            try lua.push(reference: future, as: Future.definition)
        } catch {
            return Native.raise
        }
        return 1
    }
}
