import EventLoop
import Green
import Greenhouse
import LuaRuntime

/// One fact of a script, and how it is checked: in a Lua state of its own.
package struct ScriptFact<Harness: FactHarness>: Sendable {
    /// Where it is stated.
    package let script: ScriptFile
    /// What it says.
    package let name: String
    /// The line it is on.
    package let line: Int
    private let position: Int

    /// The facts a script states, in order.
    package static func all(of script: ScriptFile) throws -> [ScriptFact] {
        let runner = try ScriptRunner(clock: .skipping)
        let harness = try Harness(runner)
        try run(script, runner)
        return try withExtendedLifetime(harness) {
            let stack = runner.scheduler.lua.main
            try pushFacts(stack)
            defer { stack.pop() }
            return try (0..<stack.rawLength(of: -1)).map { index in
                stack.pushRaw(index: index + 1, of: -1)
                defer { stack.setTop(stack.top - 1) }
                try stack.pushField("name", of: -1)
                try stack.pushField("line", of: -2)
                defer { stack.pop(2) }
                return ScriptFact(
                    script: script, name: stack.string(at: -2) ?? "", line: stack.integer(at: -1) ?? 0,
                    position: index + 1)
            }
        }
    }

    private static func run(_ script: ScriptFile, _ runner: ScriptRunner) throws {
        switch try runner.run(script, name: script.chunkName, arguments: []) {
        case .succeeded: break
        case .failed(let error): throw error
        case .deadlock(let report): throw LuaError(.runtime, report)
        }
    }

    private static func pushFacts(_ stack: LuaStack) throws {
        stack.pushGlobals()
        try stack.pushField("package", of: -1)
        try stack.pushField("loaded", of: -1)
        try stack.pushField("support.check", of: -1)
        try stack.pushField("facts", of: -1)
        stack.insert(at: -5)
        stack.pop(4)
    }

    /// What a fact counts on happens in order, and nothing else is logged, however slow the machine is.
    package static var withoutSlices: RunLimits {
        var limits = RunLimits()
        limits.slice = .zero
        limits.blockedAfter = nil
        return limits
    }

    /// What is wrong with it; nothing when it holds.
    /// - Parameters:
    ///   - clock: how time passes for it.
    ///   - limits: how long its greens may run, and how much they may use.
    ///   - limit: after how long of its clock it is given up.
    package func problems(
        clock: LoopClock = .skipping, limits: RunLimits = Self.withoutSlices, limit: Duration = .seconds(3600)
    ) throws -> [String] {
        var problems: [String] = []
        weak var scheduler: Scheduler?
        var harness: Harness?
        do {
            let runner = try ScriptRunner(limits: limits, clock: clock)
            scheduler = runner.scheduler
            harness = try Harness(runner)
            let timer = TimeLimit(runner.loop, limit)
            do {
                try Self.run(script, runner)
                problems += try check(in: runner)
            } catch {
                problems.append("\(error)")
            }
            if timer.wasReached {
                problems.append("did not end within \(limit) of its clock:\n\(runner.scheduler.waitingReport())")
            } else if runner.scheduler.liveCount > 0 {
                problems.append(runner.scheduler.deadlockReport())
            }
            runner.loop.cancel(timer)
            runner.scheduler.close()
        }
        problems += harness?.logged.map { "logged: \($0)" } ?? []
        harness = nil
        if scheduler != nil { problems.append("the scheduler is still held after it was closed") }
        return problems
    }

    private func check(in runner: ScriptRunner) throws -> [String] {
        let stack = runner.scheduler.lua.main
        try Self.pushFacts(stack)
        stack.pushRaw(index: position, of: -1)
        try stack.pushField("main", of: -1)
        let isForMain = stack.boolean(at: -1)
        stack.pop()
        try stack.pushField("fn", of: -1)
        if isForMain {
            do {
                try runner.scheduler.lua.call(on: stack, arguments: 0, results: 1)
            } catch {
                return ["\(error)"]
            }
            runner.loop.runUntilIdle()
            if stack.type(at: -1) != .function { return [] }
        }
        let outcome = FactOutcome(runner.scheduler)
        try runner.scheduler.start(from: stack, arguments: 0, outcome: outcome)
        runner.loop.runUntilIdle()
        return outcome.problem.map { [$0] } ?? []
    }
}

/// What became of the green that checked a fact.
private final class FactOutcome: Outcome {
    private let scheduler: Scheduler
    private(set) var problem: String?

    init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init()
    }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        problem = stack.description(of: -1) + "\n" + scheduler.traceback(of: worker)
    }

    override func cancelledBeforeStart() { problem = "cancelled before it began" }
}

/// Stops the loop when a fact goes on for too long.
private final class TimeLimit: LoopTimer {
    private let loop: EventLoop
    private(set) var wasReached = false

    init(_ loop: EventLoop, _ limit: Duration) {
        self.loop = loop
        super.init(keepsLoopAlive: false)
        loop.schedule(self, at: loop.now + limit)
    }

    override func fire() {
        wasReached = true
        loop.stop()
    }
}
