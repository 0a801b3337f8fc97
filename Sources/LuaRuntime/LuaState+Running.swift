import CGreen

/// How a resumed coroutine came back.
public enum RunResult: Sendable {
    /// It ended; that many results are on top of its stack.
    case done(results: Int32)
    /// It waits.
    case parked
    /// Its slice is over; resumed it goes on.
    case preempted
    /// It failed; the error value is on top, and its calls are still there for a traceback. `reset` comes next.
    case failed
}

extension LuaStack {
    /// Starts (function and arguments on top) or continues this coroutine as a green.
    @inlinable
    public func resume(arguments: Int32, meter: RunMeter? = nil) -> RunResult {
        var results: Int32 = 0
        switch Int(cg_resume(pointer, arguments, meter?.pointer, &results)) {
        case CG_DONE: return .done(results: results)
        case CG_PARKED: return .parked
        case CG_PREEMPTED: return .preempted
        default: return .failed
        }
    }

    /// Whether this coroutine has failed with variables to be closed.
    public var hasClosers: Bool { cg_has_closers(pointer) }

    /// Takes them away from it, and pushes onto another stack a function and its two arguments, which closes them where
    /// that may wait, and raises the error again. False, and nothing done, where there is no memory for that.
    public func takeClosers(onto other: LuaStack) -> Bool { cg_take_closers(other.pointer, pointer) == CG_OK }

    /// Closes what is open on this coroutine and makes it startable again.
    public func reset(meter: RunMeter? = nil) { _ = cg_reset(pointer, meter?.pointer) }

    /// The same for a green that must not go on: code of the script that closes anything is stopped at its first
    /// instruction.
    public func stop(meter: RunMeter? = nil) { cg_stop(pointer, meter?.pointer) }
}

extension LuaState {
    /// Whether a green of this state runs.
    public var isRunning: Bool { !isClosed && cg_is_running(main.pointer) }
}
