import EventLoop
import Green
import LuaRuntime

/// Runs a script to its end on the calling thread: what `greenhouse run` does.
///
/// The script's top level is a green and may wait; the run ends when every green has ended.
public final class ScriptRunner {
    /// How a run ended.
    public enum Ending: Sendable {
        case succeeded
        /// The script's top level raised an error.
        case failed(LuaError)
        /// Greens are left that nothing can wake; the report names each.
        case deadlock(report: String)
    }

    /// The loop the script runs on.
    public let loop: EventLoop
    /// Its greens.
    public let scheduler: Scheduler
    private let environments: ScriptEnvironments

    /// A runner with a fresh Lua state.
    /// - Parameters:
    ///   - libraries: what the script finds of the standard libraries.
    ///   - sandbox: how far the script is trusted: as much as the program, by default.
    ///   - limits: how long its greens may run, and how much they may use.
    ///   - clock: how time passes; tests let it skip what nobody needs to wait for.
    public init(
        libraries: LuaLibraries = .all, sandbox: ScriptSandbox = .open, limits: RunLimits = RunLimits(),
        clock: LoopClock = .monotonic
    ) throws(LuaError) {
        do {
            loop = try EventLoop(name: "script", clock: clock)
        } catch {
            throw LuaError(.runtime, "\(error)")
        }
        scheduler = try Scheduler(loop: loop, libraries: libraries, limits: limits)
        _ = try HostModules.install(in: scheduler, libraries)
        environments = try ScriptEnvironments(in: scheduler, libraries, sandbox)
        try HostModules.limitMemory(of: scheduler)
    }

    deinit { scheduler.close() }

    /// Runs a script until every green has ended.
    /// - Parameters:
    ///   - script: what to run.
    ///   - name: `arg[0]`.
    ///   - arguments: `arg[1]` and up, and `...`.
    public func run(_ script: ScriptFile, name: String, arguments: [String]) throws(LuaError) -> Ending {
        let lua = scheduler.lua
        if let folder = script.folder { try lua.addPackagePath("\(folder)/?.lua;\(folder)/?/init.lua") }
        try setArguments(name, arguments)
        try lua.load(script.source, name: script.chunkName)
        try environments.isolate()
        let outcome = MainOutcome(scheduler)
        do throws(LuaFailure) {
            for argument in arguments { try lua.main.push(argument) }
            try scheduler.start(from: lua.main, arguments: Int32(arguments.count), outcome: outcome)
        } catch {
            throw LuaError(valueOnTopOf: lua.main)
        }
        loop.runUntilIdle()
        if let error = outcome.error { return .failed(error) }
        if scheduler.liveCount > 0 { return .deadlock(report: scheduler.deadlockReport()) }
        return .succeeded
    }

    private func setArguments(_ name: String, _ arguments: [String]) throws(LuaError) {
        let stack = scheduler.lua.main
        do throws(LuaFailure) {
            try stack.pushTable(items: arguments.count, fields: 1)
            for (index, text) in ([name] + arguments).enumerated() {
                try stack.push(text)
                try stack.rawSet(position: index, in: -2)
            }
            stack.pushGlobals()
            stack.insert(at: -2)
            try stack.setField("arg", of: -2)
            stack.pop()
        } catch {
            throw LuaError(valueOnTopOf: stack)
        }
    }
}

/// What became of the script's top level.
private final class MainOutcome: Outcome {
    private let scheduler: Scheduler
    private(set) var error: LuaError?

    init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init()
    }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        error = scheduler.error(of: worker, on: stack)
    }
}
