import LuaRuntime

/// What the greens are doing, for people.
extension Scheduler {
    /// The traceback of a green, or of a failed one before it is reset.
    public func traceback(of worker: GreenWorker) -> String { lua.main.traceback(of: worker.stack) }

    /// One line for each green that waits: "green 3 waits for an Event at app.lua:12".
    public func waitingReport() -> String {
        var lines: [String] = []
        for worker in workers where worker.state == .parked {
            let place = worker.stack.location
            lines.append("  \(worker.name) waits for \(worker.waitDescription)" + (place.isEmpty ? "" : " at \(place)"))
        }
        return lines.joined(separator: "\n")
    }

    /// How many greens wait.
    public var parkedCount: Int { workers.count { $0.state == .parked } }

    /// The report of a program that can never go on: nothing is left that could wake its greens.
    public func deadlockReport() -> String {
        "deadlock: \(parkedCount) green(s) wait for something that can never happen:\n\(waitingReport())"
    }
}
