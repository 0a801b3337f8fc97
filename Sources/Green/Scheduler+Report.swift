import EventLoop
import LuaRuntime

/// What the greens are doing, for people.
extension Scheduler {
    /// The traceback of a green, or of a failed one before it is reset: the calls of the script-made coroutine that runs
    /// or waits in it, or that the error came out of, then of those that resumed it, then who started the green.
    public func traceback(of worker: GreenWorker) -> String {
        if let failure = worker.failure { return failure.traceback }
        let calls = lua.main.traceback(of: worker.stack)
        return GreenAccount.origin(of: worker).map { "\(calls)\n\($0)" } ?? calls
    }

    /// One line for each green that waits: "green 3 waits for an Event at app.lua:12".
    public func waitingReport() -> String {
        var lines: [String] = []
        for worker in workers where worker.state == .parked {
            let place = worker.stack.location
            let at = place.isEmpty ? "" : " at \(place)"
            lines.append("  \(worker.title) waits for \(worker.waitDescription)\(at)")
        }
        return lines.joined(separator: "\n")
    }

    /// How many greens wait.
    public var parkedCount: Int { workers.count { $0.state == .parked } }

    /// The report of a program that can never go on: nothing is left that could wake its greens.
    public func deadlockReport() -> String {
        "deadlock: \(parkedCount) green(s) wait for something that can never happen:\n\(waitingReport())"
    }

    /// Every green that lives, in the order of their starts: what it does and since when, the processor time that it has
    /// used, where it began, and its traceback. What `SIGUSR1` has `greenhouse` print.
    public func greensReport() -> String {
        let alive = liveWorkers()
        let head = "\(alive.count) green(s), \(lua.memory.bytes) bytes of Lua memory"
        return ([head] + alive.map { "\(GreenAccount($0).text)\n\(lua.main.traceback(of: $0.stack))" })
            .joined(separator: "\n")
    }

    /// The workers that run something, or are to, in the order of their starts.
    func liveWorkers() -> [GreenWorker] {
        loop.updateNow()
        return workers.filter { $0.state != .idle }.sorted { $0.serial < $1.serial }
    }
}
