import EventLoop
import LuaRuntime

/// `wait(x [, options])`: the outcome of a future, at any depth of futures; anything else unchanged.
///
/// Parks the green until the future settles. `options`: a table `{timeout = seconds, must_be_child = boolean}`, or a
/// boolean for `must_be_child`. Raises the future's error, `green.timed_out`, or, outside a green,
/// "cannot wait on the main coroutine" (with `must_be_child`; without it `x` comes back as it is).
enum Wait {
    static let native = Native("wait", call, resumed: resumed)

    private static let call: Native.Function = { state in
        let lua = LuaStack(state)
        let scheduler = Scheduler.of(lua)
        guard let future = Future.at(1, of: lua) else {
            if lua.top == 0 { return lua.fail(argument: 1, "value expected") }
            if scheduler.running == nil, case .failure(let code) = mustBeChild(lua) { return code }
            lua.setTop(1)
            return 1
        }
        var timeout: Int64?
        if !lua.isNil(at: 2) {
            switch options(lua) {
            case .success(let read): timeout = read.timeout
            case .failure(let code): return code
            }
        }
        if scheduler.running == nil {
            if case .failure(let code) = mustBeChild(lua) { return code }
            lua.setTop(1)
            return 1
        }
        lua.setTop(1)
        if let timeout {
            lua.push(Int(scheduler.loop.now.advanced(byNanoseconds: timeout).nanoseconds))
        } else {
            lua.pushNil()
        }
        return outcome(of: future, lua, scheduler)
    }

    private static let resumed: Native.Function = { state in
        let lua = LuaStack(state)
        let scheduler = Scheduler.of(lua)
        let reason = scheduler.takeWakeReason()
        if reason != .ready { return scheduler.raise(reason, on: lua) }
        guard let future = Future.at(1, of: lua) else { fatalError("bug: wait lost its future") }
        return outcome(of: future, lua, scheduler)
    }

    /// The code to return for the future at index 1. At 2, where the stack ends, is the loop's time in nanoseconds
    /// when the wait is over, at whichever future it has come to; nil for no timeout.
    private static func outcome(of future: Future, _ lua: LuaStack, _ scheduler: Scheduler) -> Int32 {
        var future = future
        var circle = CycleGuard()
        while future.isDone {
            if circle.comesRound(to: future) { return lua.fail(circleMessage) }
            guard case .values(let count) = future.push(on: lua) else { return Native.raise }
            // A future of a future: go on with the inner one.
            guard count > 0, let inner = Future.at(-count, of: lua) else { return count }
            lua.setTop(3)
            lua.replace(at: 1)
            future = inner
        }
        if let worker = scheduler.running, future.worker === worker {
            return lua.fail("a green cannot wait for its own future")
        }
        switch scheduler.permission(lua) {
        case .refused(let code): return code
        case .granted(let worker):
            guard let deadline = lua.integer(at: 2) else { return scheduler.park(worker, on: future, timeout: nil) }
            let left = Int64(deadline) - scheduler.loop.now.nanoseconds
            if left <= 0 { return scheduler.raise(.timeout, on: lua) }
            return scheduler.park(worker, on: future, timeout: left)
        }
    }

    static let circleMessage = "futures that are each other's results never have one"

    private enum Checked<Value> {
        case success(Value)
        case failure(Int32)
    }

    private static func mustBeChild(_ lua: LuaStack) -> Checked<Void> {
        switch options(lua) {
        case .success(let read) where read.mustBeChild: return .failure(lua.fail(Scheduler.mainMessage))
        case .success: return .success(())
        case .failure(let code): return .failure(code)
        }
    }

    private static func options(_ lua: LuaStack) -> Checked<(timeout: Int64?, mustBeChild: Bool)> {
        switch lua.type(at: 2) {
        case .none, .nil: return .success((nil, false))
        case .boolean: return .success((nil, lua.boolean(at: 2)))
        case .table: break
        default: return .failure(lua.fail(argument: 2, expected: "table of options or boolean"))
        }
        do {
            try lua.pushField("must_be_child", of: 2)
            let mustBeChild = lua.boolean(at: -1)
            try lua.pushField("timeout", of: 2)
            switch Seconds.read(lua, at: lua.top) {
            case .none:
                // A wait on the hot path has one of them; who has neither may have misspelled it.
                if !mustBeChild, lua.isNil(at: lua.top - 1), lua.isNil(at: lua.top),
                    let name = try lua.unknownOption(of: 2, beside: ["timeout", "must_be_child"])
                {
                    return .failure(
                        lua.fail(argument: 2, "unknown option '\(name)': expected timeout or must_be_child"))
                }
                return .success((nil, mustBeChild))
            case .nanoseconds(let span): return .success((span, mustBeChild))
            case .bad:
                let got = lua.description(of: lua.top)
                return .failure(lua.fail(argument: 2, "timeout must be a number of seconds, got \(got)"))
            }
        } catch {
            return .failure(Native.raise)
        }
    }
}
