import EventLoop
import LuaRuntime

/// What is reported without being asked for: code that keeps the loop to itself, and warnings.
extension Scheduler {
    /// Where the membrane tells of a run that has lasted longer than `RunLimits.blockedAfter`.
    static let blockedHandler: LuaState.BlockedHandler = { state, nanoseconds in
        let lua = LuaStack(state)
        of(lua).report(blockedFor: Double(nanoseconds) / 1e9, lua)
    }

    private func report(blockedFor seconds: Double, _ lua: LuaStack) {
        let name = running?.title ?? "a call from Swift"
        let calls = running.map(traceback) ?? self.lua.main.traceback(of: lua)
        let span = GreenAccount.text(of: seconds)
        log("\(name) blocked its loop for \(span): no other green could run meanwhile\n\(calls)")
    }

    /// A future was let go of whose green failed, and nobody had looked at it.
    func logUnseen(_ text: String) {
        for line in unseenFailures.lines(for: text, at: loop.latestNow) { log(line) }
    }

    /// Where the membrane tells what `warn` says.
    static let warningHandler: LuaState.WarningHandler = { main, text, count in
        let scheduler = of(LuaStack(main))
        let message = String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
        scheduler.log(scheduler.running.map { "warning in \($0.title): \(message)" } ?? "warning: \(message)")
    }
}
