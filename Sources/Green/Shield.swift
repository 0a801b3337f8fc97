import LuaRuntime

/// `green.shield(fn, ...)`: runs `fn(...)` in this green, and gives its results; a cancellation waits until it has ended,
/// and is raised then.
///
/// For what must not be left half done. Timeouts go through it, and when the green's grace is over it is stopped all the
/// same. A cancellation that has come already is raised at once.
enum Shield {
    static let native = Native(
        "green.shield",
        { state in
            let lua = LuaStack(state)
            guard lua.isCallable(at: 1) else { return lua.fail(argument: 1, expected: "function") }
            let scheduler = Scheduler.of(lua)
            guard let worker = scheduler.running else { return lua.fail(Scheduler.mainMessage) }
            if let reason = worker.takeInterrupt() { return scheduler.raise(reason, on: lua) }
            worker.shields += 1
            return Native.protectedCall(at: 1)
        },
        resumed: { state in
            let lua = LuaStack(state)
            let scheduler = Scheduler.of(lua)
            if let worker = scheduler.running, worker.shields > 0 {
                worker.shields -= 1
                if worker.shields == 0, worker.hasHeldCancellation {
                    worker.hasHeldCancellation = false
                    if !lua.callFailed { return scheduler.raise(.cancelled, on: lua) }
                    worker.pendingInterrupt = .cancelled
                }
            }
            if lua.callFailed { return Native.raise }
            return lua.top
        })
}
