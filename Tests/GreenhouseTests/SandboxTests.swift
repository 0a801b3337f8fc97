import Greenhouse
import LuaRuntime
import Testing

struct SandboxTests {
    @Test func byDefaultNothingReachesFilesOrProcesses() async throws {
        try await withHost { (host: ScriptHost) async throws in
            for name in ["io", "os", "package", "debug", "dofile", "loadfile"] {
                let type = try await host.run("return type(\(name))", name: "t", returning: String.self)
                #expect(type == "nil", "\(name)")
            }
        }
    }

    @Test func greenIsAGlobalAndCanBeRequired() async throws {
        try await withHost { (host: ScriptHost) async throws in
            #expect(try await host.run("return require 'green' == green", name: "t", returning: Bool.self))
            let error = await luaError { () throws(LuaError) in try await host.run("require 'x'", name: "t") }
            #expect(error?.message == "t:1: module 'x' not found: this host opens no package library")
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
