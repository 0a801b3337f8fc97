import EventLoop
import Foundation
import Greenhouse
import LuaRuntime
import Testing

/// Runs the behaviour tests in Tests/Scripts/sandbox: every fact in a sandboxed host of its own, between two looks at what
/// another script of that host finds.
@Suite struct SandboxScriptTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Scripts").path()

    private static func script(_ name: String) throws -> ScriptFile {
        try ScriptFile(reading: "\(folder)/sandbox/\(name)")
    }

    private static func sandbox(isStrict: Bool) -> ScriptSandbox {
        var sandbox = ScriptSandbox.closed
        sandbox.moduleFolders = [folder, "\(folder)/sandbox/modules"]
        sandbox.hasStrictGlobals = isStrict
        return sandbox
    }

    /// What a script finds that the host brings, and the facts count on.
    private static func furnish(_ host: ScriptHost) async throws {
        try await host.register("host_function") { 1 }
        _ = try await host.withLua { lua in
            try lua.evaluate("shared = { deep = { list = { 1, 2, 3 } } } shared.self = shared")
        }
        try await host.register("set_later") {
            try host.assumeIsolated { host in
                try host.withLua { lua in
                    try lua.set("later", to: "set")
                    try lua.set("later_table", to: ["n": 1])
                }
            }
        }
    }

    @Test(arguments: ["escapes.lua", "globals.lua", "require.lua", "strict.lua"])
    func everyFactHolds(of name: String) async throws {
        let script = try Self.script(name)
        let fingerprint = try Self.script("support/fingerprint.lua")
        let sandbox = Self.sandbox(isStrict: name == "strict.lua")
        var count = 1
        var position = 1
        while position <= count {
            // A fact that runs away must not take the machine with it.
            try await withHost(sandbox: sandbox, limits: RunLimits(memory: 64 << 20)) { host in
                try await Self.furnish(host)
                let before = try await host.run(fingerprint, returning: String.self)
                let globals = try await host.makeGlobals()
                try await host.run(script, in: globals)
                count = try await host.run(
                    "return #require 'support.check'.facts", name: "count", in: globals, returning: Int.self)
                let fact = "require 'support.check'.facts[\(position)]"
                let title = try await host.run(
                    "return \(fact).name", name: "t", in: globals, returning: String.self)
                let line = try await host.run("return \(fact).line", name: "t", in: globals, returning: Int.self)
                let run = try await host.load("return \(fact).fn", name: "t", in: globals)
                let error = await luaError { () throws(LuaError) in try await host.call(run) }
                let after = try await host.run(fingerprint, returning: String.self)
                let place = SourceLocation(
                    fileID: "Scripts/sandbox/\(name)", filePath: "\(Self.folder)/sandbox/\(name)", line: line, column: 1
                )
                #expect(error == nil, "\(title): \(error.map(\.description) ?? "")", sourceLocation: place)
                #expect(after == before, "\(title): another script finds a change", sourceLocation: place)
            }
            position += 1
        }
        #expect(count >= (name == "escapes.lua" ? 25 : 5))
    }

    @Test func strictGlobalsHoldInPlainLua() throws {
        var sandbox = ScriptSandbox.open
        sandbox.hasStrictGlobals = true
        for source in ["local function f() x = 1 end f()", "return conut"] {
            let runner = try ScriptRunner(sandbox: sandbox)
            let ending = try runner.run(ScriptFile(source: source, name: "t"), name: "t", arguments: [])
            guard case .failed(let error) = ending else {
                Issue.record("\(source) did not fail")
                continue
            }
            #expect(error.message.hasPrefix("t:1: ") && error.message.contains("strict globals"))
        }
        let runner = try ScriptRunner(sandbox: sandbox)
        let fine =
            "x = 1 assert(not pcall(getmetatable(_G).__index, 1, 'string')) "
            + "assert(not pcall(getmetatable(_G).__newindex, 1, 'string', 2))"
            + " local function f() x = x + 1 return x end assert(f() == 2) require 'green' print = print"
        guard case .succeeded = try runner.run(ScriptFile(source: fine, name: "t"), name: "t", arguments: []) else {
            Issue.record("what strict.lua allows failed")
            return
        }
    }
}
