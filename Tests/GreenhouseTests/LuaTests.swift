import Greenhouse
import LuaRuntime
import Testing

struct LuaTests {
    @Test func globalsAndFieldsAreReadAndSet() async throws {
        try await withHost { host in
            let port = try await host.withLua { lua in
                try lua.set("config", to: ["port": 80])
                try lua.set("config", "port", to: 8080)
                return try lua.get("config", "port", as: Int.self)
            }
            #expect(port == 8080)
            #expect(try await host.run("return config.port", name: "t", returning: Int.self) == 8080)
        }
    }

    @Test func aValueOfAnotherTypeIsNamed() async throws {
        try await withHost { host in
            await #expect {
                try await host.withLua { try $0.get("math", "pi", as: String.self) }
            } throws: {
                ($0 as? LuaError)?.message == "'math.pi': expected string, got number"
            }
            await #expect {
                try await host.withLua { try $0.get("missing", "field", as: Int.self) }
            } throws: {
                ($0 as? LuaError)?.message.contains("attempt to index a nil value") == true
            }
        }
    }

    @Test func functionsAreCalledSynchronously() async throws {
        try await withHost { host in
            let sum = try await host.withLua { lua in
                try lua.evaluate("function add(a, b) return a + b end")
                return try lua.call("add", 1, 2, returning: Int.self) + lua.evaluate("return add(3, 4)", as: Int.self)
            }
            #expect(sum == 10)
        }
    }

    @Test func anErrorComesOutWithItsTraceback() async throws {
        try await withHost { host in
            await #expect {
                try await host.withLua { try $0.evaluate("local function f() error('oops') end f()", name: "t.lua") }
            } throws: {
                let error = $0 as? LuaError
                return error?.message == "t.lua:1: oops" && error?.traceback.contains("in main chunk") == true
            }
        }
    }

    @Test func nothingCanWaitHere() async throws {
        try await withHost { host in
            await #expect {
                try await host.withLua { try $0.evaluate("green.sleep(0)") }
            } throws: {
                ($0 as? LuaError)?.message.contains("cannot wait on the main coroutine") == true
            }
            try await host.register("inside") {
                try host.assumeIsolated { host in
                    try host.withLua { try $0.evaluate("green.sleep(0)") }
                }
            }
            let error = await luaError { () throws(LuaError) in try await host.run("inside()", name: "t") }
            #expect(error?.message.contains("cannot wait here") == true)
            #expect(try await host.run("green.sleep(0) return 1", name: "t", returning: Int.self) == 1)
        }
    }

    @Test func theSwiftErrorOfTheBodyComesOutAsItIs() async throws {
        try await withHost { host in
            await #expect(throws: NotFound.self) { try await host.withLua { _ in throw NotFound(id: 1) } }
        }
    }

    @Test func theStackIsLeftAsItWas() async throws {
        try await withHost { host in
            try await host.withLua { lua in
                for _ in 0..<10_000 {
                    try lua.set("x", to: [1, 2])
                    _ = try lua.get("x", as: [Int].self)
                    _ = try? lua.get("x", as: String.self)
                    _ = try? lua.call("x")
                    _ = try? lua.evaluate("return (")
                    _ = try lua.evaluate("return 1, 2, 3", as: Int.self)
                }
            }
        }
    }

    @Test func aMetamethodThatNeverEndsIsStopped() async throws {
        try await withHost(sandbox: .open) { host in
            try await host.run("t = setmetatable({}, {__index = function() while true do end end})", name: "t")
            await #expect {
                try await host.withLua { try $0.get("t", "x", as: Int.self) }
            } throws: {
                ($0 as? LuaError)?.kind == .limit
            }
        }
    }

    @Test func aCallThatNeverEndsIsStoppedWhereGreensHaveADeadline() async throws {
        try await withHost(limits: RunLimits(deadline: .milliseconds(200))) { host in
            await #expect {
                try await host.withLua { try $0.evaluate("while true do end") }
            } throws: {
                ($0 as? LuaError)?.kind == .limit
            }
        }
    }
}
