import EventLoop
import LuaRuntime

/// What becomes of greens whose slice is over.
extension Scheduler {
    /// Where the membrane asks.
    static let sliceHandler: LuaState.SliceHandler = { state, mayPark in
        let lua = LuaStack(state)
        return of(lua).sliceIsOver(lua, mayPark)
    }

    private func sliceIsOver(_ lua: LuaStack, _ mayPark: Bool) -> Int32 {
        guard let worker = running else { return outsideIsOver(lua) }
        if let reason = worker.stopReason { return stop(lua, reason) }
        // Without an end of slices the loop cannot look at its timers either.
        let mayGiveWay = mayPark && limits.slice != .zero
        if !mayGiveWay { worker.limitTimer?.fireIfDue() }
        if let reason = worker.takeInterrupt() { return raise(reason, on: lua) }
        if let reason = spent(worker) {
            if worker.isAskedToEnd {
                // Whatever it was asked for first.
                let first = worker.limitTimer?.reason ?? reason
                stop(worker, first)
                return mayPark ? LuaState.SliceEnd.giveWay : stop(lua, first)
            }
            askToEnd(worker, reason)
            return raise(reason, on: lua)
        }
        if !mayGiveWay {
            if let reason = worker.stopReason { return stop(lua, reason) }
            DeadlineScope.fireIfDue(worker)
            if let reason = worker.takeInterrupt() { return raise(reason, on: lua) }
            // Whatever it may use: nobody else has had a turn for so long.
            if !mayPark, self.lua.runTime >= limits.grace().nanosecondsKept { return stop(lua, .spent) }
        }
        return mayGiveWay && lua.isSliceOver ? LuaState.SliceEnd.giveWay : LuaState.SliceEnd.goOn
    }

    /// The limit that a green is past.
    private func spent(_ worker: GreenWorker) -> WakeReason? {
        if worker.meter.limit != 0, worker.meter.used >= worker.meter.limit { return .spent }
        if limits.instructions != nil, worker.meter.steps <= 0 { return .spent }
        return nil
    }

    /// Raises what nothing can catch.
    private func stop(_ lua: LuaStack, _ reason: WakeReason) -> Int32 {
        _ = raise(reason, on: lua)
        return LuaState.SliceEnd.stop
    }

    /// Code that Swift calls outside of any green cannot give way: a call of `withLua`. Where greens may use as much of
    /// the processor as they like, it may for as long as one that is to end.
    private func outsideIsOver(_ lua: LuaStack) -> Int32 {
        let most = limits.processorTime ?? limits.grace()
        return self.lua.isSpentOutside(max(1, most.nanosecondsKept)) ? stop(lua, .spent) : LuaState.SliceEnd.goOn
    }
}

extension Duration {
    /// Whole nanoseconds, as many as there are room for.
    var nanosecondsKept: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : scaled &+ attoseconds / 1_000_000_000
    }
}
