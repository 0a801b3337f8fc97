import Greenhouse
import LuaRuntime
import Testing

struct SandboxTests {
    @Test func eachScriptHasRandomNumbersOfItsOwn() async throws {
        try await withHost { host in
            let (one, other) = (try await host.makeGlobals(), try await host.makeGlobals())
            func number(_ source: String, _ globals: ScriptGlobals?) async throws -> Int {
                try await host.run("\(source) return math.random(0)", name: "t", in: globals, returning: Int.self)
            }
            try await host.run("math.randomseed(42)", name: "t", in: one)
            _ = try await number("math.randomseed(7)", other)
            let first = try await number("", one)
            #expect(try await number("math.randomseed(42)", other) == first)
            #expect(try await number("", nil) != number("", nil))
        }
    }

    @Test func byDefaultNothingReachesFilesOrProcesses() async throws {
        try await withHost { (host: ScriptHost) async throws in
            for name in ["io.open", "os.execute", "package.loadlib", "debug.getregistry", "dofile", "loadfile"] {
                let problem = try await host.run(
                    "return select(2, pcall(\(name), 'x'))", name: "t", returning: String.self)
                #expect(problem == "\(name) is not available: this host is sandboxed")
            }
        }
    }

    @Test func noScriptSeesTheGlobalsOfAnother() async throws {
        try await withHost { (host: ScriptHost) async throws in
            try await host.run("x = 1 string.format = nil function f() end", name: "one")
            #expect(try await host.run("return x == nil and f == nil", name: "two", returning: Bool.self))
            #expect(try await host.run("return string.format('%d', 3)", name: "two", returning: String.self) == "3")
            #expect(try await host.withLua { try $0.get("x", as: Int?.self) } == nil)
        }
    }

    @Test func scriptsMayShareGlobals() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let globals = try await host.makeGlobals()
            try await host.run("x = 1", name: "one", in: globals)
            let read = try await host.load("return function() return x end", name: "two", in: globals)
            #expect(try await host.call(read, returning: Int.self) == 1)
            #expect(try await host.run("return x", name: "three", returning: Int?.self) == nil)
            let other = try await ScriptHost(on: host.loop)
            let error = await luaError { () throws(LuaError) in try await other.run("", name: "t", in: globals) }
            #expect(error?.message.contains("of another host cannot be used here") == true)
            await other.close()
        }
    }

    @Test func anOpenSandboxHasOneTableOfGlobals() async throws {
        try await withHost(sandbox: .open) { (host: ScriptHost) async throws in
            try await host.run("x = 1", name: "one")
            #expect(try await host.run("return x", name: "two", returning: Int.self) == 1)
            let globals = try await host.makeGlobals()
            #expect(try await host.run("return x", name: "two", in: globals, returning: Int.self) == 1)
            #expect(try await host.run("return getmetatable(_G) == nil", name: "t", returning: Bool.self))
        }
    }

    @Test func librariesThatReachAllScriptsAreRefused() async throws {
        try await withHost { (host: ScriptHost) async throws in
            for libraries in [LuaLibraries.all, [.base, .debug], [.base, .package]] {
                let error = await luaError { () throws(LuaError) in
                    try await ScriptHost(on: host.loop, libraries: libraries, sandbox: .closed)
                }
                #expect(
                    error?.message.hasPrefix("a closed sandbox cannot have the package and debug libraries") == true)
            }
        }
    }

    @Test func aLibraryThatTheHostOpensIsWhole() async throws {
        try await withHost(libraries: .sandboxed.union([.io, .os])) { (host: ScriptHost) async throws in
            #expect(try await host.run("return io.type(io.stdout)", name: "t", returning: String.self) == "file")
            #expect(try await host.run("return type(os.getenv('HOME'))", name: "t", returning: String.self) != "")
            #expect(try await host.run("return getmetatable(io.stdout)", name: "t", returning: Bool.self) == false)
            #expect(try await host.run("return (pcall(loadfile, 'x'))", name: "t", returning: Bool.self) == false)
        }
    }

    @Test func aScriptsGlobalsAreGarbageOnceItIs() async throws {
        try await withHost { (host: ScriptHost) async throws in
            func bytes() async throws -> Int {
                try await host.withLua { lua in
                    // Twice: what has a finalizer goes when that has run.
                    try lua.collectGarbage()
                    try lua.collectGarbage()
                    return try lua.memory.bytes
                }
            }
            try await host.run("x = string.rep('y', 1000) require 'cjson'", name: "t")
            let before = try await bytes()
            for _ in 0..<200 { try await host.run("x = string.rep('y', 1000) require 'cjson'", name: "t") }
            let more = try await bytes() - before
            #expect(more < 2_000, "\(more) bytes more")
        }
    }

    @Test func theGlobalsOfAScriptAreCheap() async throws {
        try await withHost { (host: ScriptHost) async throws in
            func bytes() async throws -> Int {
                try await host.withLua { lua in
                    try lua.collectGarbage()
                    return try lua.memory.bytes
                }
            }
            try await host.run("x = 1", name: "t")
            let empty = try await bytes()
            var kept: [ScriptGlobals] = []
            for _ in 0..<100 { kept.append(try await host.makeGlobals()) }
            let each = (try await bytes() - empty) / 100
            #expect(each < 6_000, "\(each) bytes each")
            withExtendedLifetime(kept) {}
        }
    }

    /// What an allocation that fails leaves behind must be usable, for every allocation.
    @Test func failingAllocationsLeaveNoHalfMadeGlobals() throws {
        for needed in 1...2_000 {
            let runner = try ScriptRunner(libraries: .sandboxed, sandbox: .closed)
            let lua = runner.scheduler.lua
            lua.failAllocations(after: UInt64(needed))
            let ending = Result { () throws(LuaError) in
                try runner.run(
                    ScriptFile(source: "x = string.rep('a', 3) for k in pairs(_G) do end", name: "t"), name: "t",
                    arguments: [])
            }
            lua.failAllocations(after: 0)
            switch ending {
            case .success(.succeeded): return
            case .success(.failed), .failure: break
            case .success(.deadlock(let report)): Issue.record("\(needed): \(report)")
            }
            guard
                case .succeeded = try runner.run(
                    ScriptFile(source: "assert(x == nil) assert(string.rep('a', 3) == 'aaa')", name: "t"), name: "t",
                    arguments: [])
            else {
                Issue.record("after failing allocation \(needed) the state is not as it was")
                return
            }
        }
        Issue.record("2000 allocations did not suffice")
    }

    @Test func greenIsAGlobalAndCanBeRequired() async throws {
        try await withHost { (host: ScriptHost) async throws in
            #expect(try await host.run("return require 'green' == green", name: "t", returning: Bool.self))
            let error = await luaError { () throws(LuaError) in try await host.run("require 'x'", name: "t") }
            #expect(error?.message == "t:1: module 'x' not found: this host has no module folders")
        }
        try await withHost(libraries: .all) { (host: ScriptHost) async throws in
            #expect(try await host.run("return require 'green' == green", name: "t", returning: Bool.self))
            #expect(try await host.run("return type(dofile)", name: "t", returning: String.self) == "function")
        }
    }

    @Test func scriptsWithoutThePackageLibraryHaveJSON() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let source = """
                local json = require "cjson"
                assert(require "cjson" == json)
                assert(require "cjson.safe".decode("nonsense") == nil)
                assert(not pcall(json.decode, "nonsense"))
                return json.encode({ json.decode('{"a":[1,2]}').a[2] })
                """
            #expect(try await host.run(source, name: "t", returning: String.self) == "[2]")
        }
    }

    @Test func theHTTPClientReadsAndWritesJSONWithoutThePackageLibrary() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let source = """
                local http = GreenHttp { app = function(request) return request.body end }
                local back = http:post("/", { json = { id = 7, none = require "cjson".null } }):json()
                return back.id .. " " .. tostring(back.none == require "cjson".null)
                """
            #expect(try await host.run(source, name: "t", returning: String.self) == "7 true")
        }
    }

    @Test func bytecodeIsRefused() async throws {
        try await withHost(libraries: .all) { (host: ScriptHost) async throws in
            for mode in ["", ", 'n'", ", 'n', 'bt'", ", 'n', 'b'"] {
                #expect(
                    try await host.run(
                        "local f, e = load(string.dump(function() end)\(mode)) return f == nil and type(e) == 'string'",
                        name: "t", returning: Bool.self))
            }
        }
    }

    @Test func textIsLoadedWithItsEnvironment() async throws {
        try await withHost { (host: ScriptHost) async throws in
            #expect(
                try await host.run(
                    "x = 1 return load('return x', 'n', 't', {x = 2})() + load('return x')()", name: "t",
                    returning: Int.self) == 3)
            #expect(
                try await host.run(
                    "local parts, i = {'return ', '7'}, 0 return load(function() i = i + 1 return parts[i] end)()",
                    name: "t", returning: Int.self) == 7)
        }
    }
}
