import Foundation
import Green
import Greenhouse
import LuaRuntime
import ScriptFacts

/// What the scripts of Tests/Scripts/http have beside the host: `servers`, a table of where the test servers are
/// (`servers.HTTP` is GREENHOUSE_TEST_HTTP), and `harness`.
final class HTTPHarness: FactHarness {
    let scheduler: Scheduler
    private(set) var logged: [String] = []

    /// Tests/Scripts: `require "support.check"` is found there.
    static let scripts = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Scripts")
    private static let prefix = "GREENHOUSE_TEST_"
    /// Whether `scripts/test-servers` runs us.
    static let hasServers = ProcessInfo.processInfo.environment["\(prefix)HTTP"] != nil

    /// Where a test server is; empty without.
    static func server(_ name: String) -> String { ProcessInfo.processInfo.environment[prefix + name] ?? "" }

    init(_ runner: ScriptRunner) throws {
        scheduler = runner.scheduler
        let lua = scheduler.lua
        try lua.register(Self.definition)
        try lua.addPackagePath("\(Self.scripts.path())/?.lua")
        lua.main.pushGlobals()
        try lua.main.push(reference: self, as: Self.definition)
        try lua.main.setField("harness", of: -2)
        lua.main.pop()
        // The state holds the harness for its whole life.
        scheduler.log = { [weak self] in self?.logged.append($0) }
        try setServers()
    }

    private func setServers() throws {
        let lua = scheduler.lua
        try lua.load(Array(Self.prelude.utf8), name: "=servers")
        try lua.main.pushTable()
        for (name, value) in ProcessInfo.processInfo.environment where name.hasPrefix(Self.prefix) {
            try lua.main.push(value)
            try lua.main.setField(String(name.dropFirst(Self.prefix.count)), of: -2)
        }
        try lua.call(on: lua.main, arguments: 1, results: 0)
    }

    private static let prelude = """
        servers = setmetatable(..., { __index = function(_, name)
          error("no test server: \(prefix)" .. name, 2)
        end })
        """

    private static let definition: ClassDefinition = ClassDefinition(
        "harness", members: [.method("log", log), .method("held", held)],
        release: ClassDefinition.releaseReference)

    private static func at(_ lua: LuaStack) -> HTTPHarness? {
        lua.reference(at: 1, of: definition, as: HTTPHarness.self)
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

    /// `harness:held()`: how many values Swift holds.
    private static let held = Native("harness:held") { state in
        let lua = LuaStack(state)
        guard let harness = at(lua) else { return lua.fail(argument: 1, expected: "harness") }
        lua.push(harness.scheduler.lua.vault.heldCount)
        return 1
    }
}
