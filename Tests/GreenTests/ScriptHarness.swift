import EventLoop
import Greenhouse
import LuaRuntime
import ScriptFacts

@testable import Green

/// What scripts under test see as the global `harness`: what they cannot ask the scheduler for themselves.
final class ScriptHarness: FactHarness {
    let scheduler: Scheduler
    private(set) var logged: [String] = []
    /// Tests/Scripts.
    static let scripts = String(#filePath.dropLast("GreenTests/ScriptHarness.swift".count)) + "Scripts"

    init(_ runner: ScriptRunner) throws {
        scheduler = runner.scheduler
        let lua = scheduler.lua
        try lua.register(Self.definition)
        try lua.addPackagePath("\(Self.scripts)/?.lua")
        lua.main.pushGlobals()
        try lua.main.push(reference: self, as: Self.definition)
        try lua.main.setField("harness", of: -2)
        lua.main.pop()
        // The state holds the harness for its whole life.
        scheduler.log = { [weak self] in self?.logged.append($0) }
    }

    private static let definition: ClassDefinition = ClassDefinition(
        "harness",
        members: [
            .method("turns", turns), .method("log", log), .method("workers", workers), .method("held", held),
        ],
        release: ClassDefinition.releaseReference)

    private static func at(_ lua: LuaStack) -> ScriptHarness? {
        lua.reference(at: 1, of: definition, as: ScriptHarness.self)
    }

    /// `harness:turns()`: the turns of the loop so far.
    private static let turns = Native("harness:turns") { state in
        let lua = LuaStack(state)
        guard let harness = at(lua) else { return lua.fail(argument: 1, expected: "harness") }
        lua.push(harness.scheduler.loop.stats.turns)
        return 1
    }

    /// `harness:log()`: what the scheduler has logged since the last call, one string.
    private static let log = Native("harness:log") { state in
        let lua = LuaStack(state)
        guard let harness = at(lua) else { return lua.fail(argument: 1, expected: "harness") }
        let lines = harness.logged.joined(separator: "\n")
        harness.logged = []
        do { try lua.push(lines) } catch { return Native.raise }
        return 1
    }

    /// `harness:workers()`: how many coroutines the scheduler has made.
    private static let workers = Native("harness:workers") { state in
        let lua = LuaStack(state)
        guard let harness = at(lua) else { return lua.fail(argument: 1, expected: "harness") }
        lua.push(harness.scheduler.workers.count)
        return 1
    }

    /// `harness:held()`: how many values Swift holds.
    private static let held = Native("harness:held") { state in
        let lua = LuaStack(state)
        guard let harness = at(lua) else { return lua.fail(argument: 1, expected: "harness") }
        lua.push(harness.scheduler.lua.vault.heldCount)
        return 1
    }
}
