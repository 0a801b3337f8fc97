import EventLoop
import Greenhouse
import LuaRuntime

@testable import Green

/// One fact of a script, and how it is checked: in a Lua state of its own, on a clock that skips.
struct ScriptFact {
    let script: ScriptFile
    let name: String
    let line: Int
    private let position: Int

    /// The facts a script states, in order.
    static func all(of script: ScriptFile) throws -> [ScriptFact] {
        let runner = try ScriptRunner(clock: .skipping)
        let harness = try load(script, runner)
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

    private static func load(_ script: ScriptFile, _ runner: ScriptRunner) throws -> ScriptHarness {
        let harness = try ScriptHarness(runner)
        switch try runner.run(script, name: script.chunkName, arguments: []) {
        case .succeeded: return harness
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

    /// What is wrong with it; nothing when it holds.
    func problems() throws -> [String] {
        var problems: [String] = []
        weak var scheduler: Scheduler?
        var harness: ScriptHarness?
        do {
            let runner = try ScriptRunner(clock: .skipping)
            scheduler = runner.scheduler
            harness = try Self.load(script, runner)
            let limit = TimeLimit(runner.loop)
            problems += try check(in: runner)
            if limit.wasReached {
                problems.append("did not end within an hour of its clock:\n\(runner.scheduler.waitingReport())")
            } else if runner.scheduler.liveCount > 0 {
                problems.append(runner.scheduler.deadlockReport())
            }
            runner.loop.cancel(limit)
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
        let outcome = FactOutcome()
        try runner.scheduler.start(from: stack, arguments: 0, outcome: outcome)
        runner.loop.runUntilIdle()
        return outcome.problem.map { [$0] } ?? []
    }
}

/// What became of the green that checked a fact.
private final class FactOutcome: Outcome {
    private(set) var problem: String?

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        problem = stack.description(of: -1) + "\n" + worker.scheduler.traceback(of: worker)
    }

    override func cancelledBeforeStart() { problem = "cancelled before it began" }
}

/// Stops the loop when a fact goes on for too long.
private final class TimeLimit: LoopTimer {
    private let loop: EventLoop
    private(set) var wasReached = false

    init(_ loop: EventLoop) {
        self.loop = loop
        super.init(keepsLoopAlive: false)
        loop.schedule(self, at: loop.now + .seconds(3600))
    }

    override func fire() {
        wasReached = true
        loop.stop()
    }
}
