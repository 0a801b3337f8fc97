import EventLoop
import Greenhouse
import LuaRuntime
import Synchronization
import Testing

struct ScriptHostTests {
    @Test func aHostRunsOnItsLoopsThread() async throws {
        try await withHost { host in
            let loop = host.loop
            try await host.register("on_loop") { loop.isOnLoop }
            #expect(try await host.run("return on_loop()", name: "test", returning: Bool.self))
        }
    }

    @Test func severalHostsShareOneLoop() async throws {
        try await withHost { one in
            let other = try await ScriptHost(on: one.loop)
            try await one.withLua { try $0.set("x", to: 1) }
            #expect(try await other.run("return x", name: "other", returning: Int?.self) == nil)
            await other.close()
            #expect(try await one.run("return x", name: "one", returning: Int.self) == 1)
        }
    }

    @Test func outOfMemoryCanBeCaughtAndTheHostLives() async throws {
        try await withHost(limits: RunLimits(memory: 4 << 20)) { host in
            let grow = "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end"
            let error = await luaError { () throws(LuaError) in try await host.run(grow, name: "grow") }
            #expect(error?.kind == .memory && error?.message.hasPrefix("not enough memory: the limit is ") == true)
            let caught = try await host.run(
                "local ok, e = pcall(function() \(grow) end) return tostring(ok) .. ' ' .. e", name: "caught",
                returning: String.self)
            #expect(caught == "false not enough memory")
            #expect(try await host.run("return 1", name: "after", returning: Int.self) == 1)
            // With room for the traceback that tells where it was.
            #expect(try await host.memory.peak <= (4 << 20) + (256 << 10))
        }
    }

    @Test func aLimitThatAnEmptyHostExceedsIsRefused() async throws {
        try await withHost { host in
            let loop = host.loop
            let error = await luaError { () throws(LuaError) in
                try await ScriptHost(on: loop, limits: RunLimits(memory: 1_000))
            }
            #expect(error?.kind == .memory)
            #expect(error?.message.hasPrefix("a memory limit of 1000 bytes is less than an empty host takes") == true)
        }
    }

    @Test func everythingOfAClosedHostThrowsClosed() async throws {
        try await withHost { host in
            let function = try await host.load("return function() end", name: "f")
            await host.close()
            await host.close()
            #expect(await luaError { () throws(LuaError) in try await host.call(function) }?.kind == .closed)
            #expect(await luaError { () throws(LuaError) in try await host.run("", name: "x") }?.kind == .closed)
            #expect(await luaError { () throws(LuaError) in try await host.memory }?.kind == .closed)
            await #expect(throws: LuaError.self) { try await host.register("f") { 1 } }
            await #expect(throws: LuaError.self) { try await host.withLua { _ in } }
            await #expect(throws: LuaError.self) { try await host.serve(function, on: "127.0.0.1:0") }
        }
    }

    @Test func closingEndsCallsThatWait() async throws {
        try await withHost { host in
            let waits = Signal()
            try await host.register("waits") { waits.send() }
            let call = Task {
                await luaError { () throws(LuaError) in try await host.run("waits() green.sleep(1000)", name: "long") }
            }
            await waits.wait()
            await host.close()
            #expect(await call.value?.kind == .closed)
        }
    }

    @Test func closingFromInsideAScriptWaitsUntilThatGivesUpTheLoop() async throws {
        try await withHost { host in
            try await host.register("quit") { host.assumeIsolated { $0.close() } }
            let error = await luaError { () throws(LuaError) in
                try await host.run("quit() still = 'running' green.sleep(1000)", name: "quits")
            }
            #expect(error?.kind == .closed)
            let other = try await ScriptHost(on: host.loop)
            try await other.register("quit") { other.assumeIsolated { $0.close() } }
            #expect(try await other.withLua { try $0.evaluate("quit() return 'alive'", as: String.self) } == "alive")
            #expect(await luaError { () throws(LuaError) in try await other.memory }?.kind == .closed)
        }
    }

    @Test func whatARegisteredClosureHoldsGoesWithTheClosedHost() async throws {
        try await withHost { host in
            let gone = Signal()
            try await Self.hold(Witness(gone), in: host)
            await host.close()
            await gone.wait()
        }
    }

    @Test func aHostThatIsDroppedClosesItself() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        let gone = Signal()
        do {
            let host = try await ScriptHost(on: loop)
            try await Self.hold(Witness(gone), in: host)
            try await host.run("function f() f = f end", name: "circle")
        }
        await gone.wait()
        loop.stop()
        loop.join()
    }

    private static func hold(_ witness: Witness, in host: ScriptHost) async throws {
        try await host.register("hold") { witness.see() }
        try await host.registerAsync("hold_async") { witness.see() }
    }
}
