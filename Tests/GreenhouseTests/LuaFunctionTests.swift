import EventLoop
import Greenhouse
import LuaRuntime
import Testing

struct LuaFunctionTests {
    @Test func aFunctionThatOutlivesItsHostIsHarmless() async throws {
        let loop = try EventLoop(name: "test")
        loop.start()
        var host: ScriptHost? = try await ScriptHost(on: loop)
        let kept = try await host?.load("return function() end", name: "f")
        let dropped = try await host?.load("return function() end", name: "f")
        await host?.close()
        host = nil
        withExtendedLifetime(dropped) {}
        loop.stop()
        loop.join()
        #expect(kept != nil)
    }

    @Test func whatItHoldsIsGarbageOnceItIsDropped() async throws {
        try await withHost(sandbox: .open) { host in
            let gone = Signal()
            let witness = Witness(gone)
            try await host.register("witness") { witness.see() }
            try await host.run(
                "weak = setmetatable({}, {__mode = 'k'}) function make() local f = function() end weak[f] = 1 return f end",
                name: "t")
            let count = "collectgarbage() local n = 0 for _ in pairs(weak) do n = n + 1 end return n"
            do {
                let function = try await host.load("return make()", name: "t")
                #expect(try await host.run(count, name: "t", returning: Int.self) == 1)
                try await host.call(function)
            }
            // Dropped on this thread: the loop lets go of it before it runs what is asked next.
            #expect(try await host.run(count, name: "t", returning: Int.self) == 0)
        }
    }

    @Test func droppingFromManyThreadsGivesAllBack() async throws {
        try await withHost { host in
            try await host.run("live = 0", name: "t")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        for _ in 0..<100 { _ = try? await host.load("return function() end", name: "f") }
                    }
                }
            }
            let first = try await host.withLua { lua in
                try lua.collectGarbage()
                return try lua.memory.bytes
            }
            for _ in 0..<800 { _ = try await host.load("return function() end", name: "f") }
            let second = try await host.withLua { lua in
                try lua.collectGarbage()
                return try lua.memory.bytes
            }
            #expect(second - first < 4_000)
        }
    }

    @Test func aCallableTableIsAFunction() async throws {
        try await withHost { host in
            let callable = try await host.load(
                "return setmetatable({}, {__call = function(_, n) return n + 1 end})", name: "t")
            #expect(try await host.call(callable, 1, returning: Int.self) == 2)
        }
    }
}
