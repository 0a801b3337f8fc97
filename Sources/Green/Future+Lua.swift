import LuaRuntime

/// What scripts see of a future: `done`, `result`, `exception`, `cancel`, `cancelled`, `add_done_callback`, and, on
/// those made by `green.future()`, `set_result` and `set_error`.
extension Future {
    static let definition: ClassDefinition = ClassDefinition(
        "green.future",
        members: [
            .method("done", done), .method("result", result), .method("exception", exception),
            .method("cancel", cancel), .method("cancelled", cancelled),
            .method("add_done_callback", addDoneCallback), .method("traceback", traceback),
            .method("set_result", setResult), .method("set_error", setError),
        ],
        metamethods: [.method("__tostring", toText)],
        outside: 128, release: ClassDefinition.releaseReference)

    private static func expected(_ lua: LuaStack) -> Int32 { lua.fail(argument: 1, expected: "green.future") }

    /// `future:done()`: whether it has settled.
    private static let done = Native("future:done") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        lua.push(future.isDone)
        return 1
    }

    /// `future:result()`: its values, without waiting; raises its error, or that it is not done.
    private static let result = Native("future:result") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        guard future.isDone else { return lua.fail("the future is not done yet: wait(future) waits for it") }
        switch future.push(on: lua) {
        case .values(let count): return count
        case .error: return Native.raise
        }
    }

    /// `future:exception()`: its error value, nil when it succeeded; raises when it is not done.
    private static let exception = Native("future:exception") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        guard future.isDone else { return lua.fail("the future is not done yet: wait(future) waits for it") }
        if future.state == .succeeded {
            lua.pushNil()
        } else {
            _ = future.push(on: lua)
        }
        return 1
    }

    /// `future:traceback()`: where its green failed, and the greens whose errors it let go on; nil when it did not.
    private static let traceback = Native("future:traceback") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        guard let failure = future.failure else {
            lua.pushNil()
            return 1
        }
        do { try lua.push(failure.traceback) } catch { return Native.raise }
        return 1
    }

    /// `future:cancel()`: true, or false when it was done already.
    private static let cancel = Native("future:cancel") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        lua.push(future.cancel())
        return 1
    }

    private static let cancelled = Native("future:cancelled") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        lua.push(future.state == .cancelled)
        return 1
    }

    /// `future:add_done_callback(fn)`: calls `fn(future)` in a green of its own once it has settled.
    private static let addDoneCallback = Native("future:add_done_callback") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        guard lua.type(at: 2) == .function else { return lua.fail(argument: 2, expected: "function") }
        let scheduler = future.scheduler
        do {
            let function = try scheduler.lua.vault.reserve(reporting: lua)
            lua.setTop(2)
            scheduler.lua.vault.store(function, from: lua)
            let held: Int32
            do { held = try scheduler.lua.vault.reserve(reporting: lua) } catch {
                scheduler.lua.vault.release(function)
                return Native.raise
            }
            scheduler.lua.vault.store(held, from: lua)
            future.whenDone { _ in
                let stack = scheduler.lua.main
                scheduler.lua.vault.push(function, on: stack)
                scheduler.lua.vault.push(held, on: stack)
                scheduler.lua.vault.release(function)
                scheduler.lua.vault.release(held)
                do {
                    let outcome = Future(scheduler)
                    try scheduler.start(from: stack, arguments: 1, outcome: outcome)
                } catch {
                    scheduler.log("a future's callback cannot start: \(stack.description(of: -1))")
                    stack.pop()
                }
            }
            return 0
        } catch {
            return Native.raise
        }
    }

    /// `future:set_result(...)`: settles it with these values; raises when it is done or a green's own.
    private static let setResult = Native("future:set_result") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        guard future.isPromise, future.settle(.succeeded, lua.top - 1, from: lua) else {
            return lua.fail("the future cannot be settled: it is done, or a green's own")
        }
        return 0
    }

    /// `future:set_error(value)`: settles it with an error.
    private static let setError = Native("future:set_error") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        lua.setTop(2)
        guard future.isPromise, future.settle(.failed, 1, from: lua) else {
            return lua.fail("the future cannot be settled: it is done, or a green's own")
        }
        future.isUnseen(lua.description(of: 2))
        return 0
    }

    private static let toText = Native("future:tostring") { state in
        let lua = LuaStack(state)
        guard let future = at(1, of: lua) else { return expected(lua) }
        do { try lua.push("green.future: \(future.state)") } catch { return Native.raise }
        return 1
    }
}
