import EventLoop
import Greenhouse
import LuaRuntime
import Testing

struct ScriptHostRegisteringTests {
    @Test func aRegisteredFunctionIsAGlobal() async throws {
        try await withHost { host in
            try await host.register("add") { (a: Int, b: Int) in a + b }
            try await host.register("greet") { (name: String?) -> String in "hello \(name ?? "you")" }
            #expect(
                try await host.run("return add(1, 2) .. greet() .. greet('me')", name: "t", returning: String.self)
                    == "3hello youhello me")
        }
    }

    @Test func aDottedNameIsAFieldOfATable() async throws {
        try await withHost { host in
            try await host.register("db.users.count") { 3 }
            try await host.register("db.users.first") { "Ada" }
            #expect(
                try await host.run("return db.users.count() .. db.users.first()", name: "t", returning: String.self)
                    == "3Ada")
            try await host.withLua { try $0.set("taken", to: 1) }
            let error = await luaError { () throws(LuaError) in try await host.register("taken.x") { 1 } }
            #expect(error?.message == "attempt to index a number value")
        }
    }

    @Test func aFunctionWithoutAResultGivesNone() async throws {
        try await withHost { host in
            try await host.register("quiet") { (_: Int) in }
            try await host.registerAsync("quiet_async") { (_: Int) async in await Task.yield() }
            #expect(
                try await host.run(
                    "return select('#', quiet(1)) + select('#', quiet_async(1))", name: "t", returning: Int.self) == 0)
        }
    }

    @Test func aThrownSwiftErrorGoesThroughLuaAndComesBack() async throws {
        try await withHost { host in
            try await host.register("user") { (id: Int) throws -> String in throw NotFound(id: id) }
            try await host.registerAsync("user_async") { (id: Int) async throws -> String in
                await Task.yield()
                throw NotFound(id: id)
            }
            for name in ["user", "user_async"] {
                let error = await luaError { () throws(LuaError) in
                    try await host.run("local function f()\n return (\(name)(7)) end\n local x = f()", name: "app.lua")
                }
                #expect((error?.underlying as? NotFound)?.id == 7)
                #expect(error?.message == "app.lua:2: no user 7")
                #expect(error?.traceback.contains("app.lua:3: in main chunk") == true)
                #expect(
                    try await host.run(
                        "local _, e = pcall(\(name), 1) return e.kind", name: "t", returning: String.self) == "host")
            }
        }
    }

    @Test func anAsyncFunctionIsAPlainCallThatParksOnlyItsGreen() async throws {
        try await withHost { host in
            let go = Signal()
            try await host.registerAsync("slow") { (n: Int) async in
                await go.wait()
                return n * 2
            }
            try await host.register("go") { go.send() }
            let source = """
                local log = {}
                local first = green.spawn(function() log[#log + 1] = "before" local n = slow(21) log[#log + 1] = n end)
                green.spawn(function() log[#log + 1] = "other" go() end)
                wait(first)
                return table.concat(log, " ")
                """
            #expect(try await host.run(source, name: "t", returning: String.self) == "before other 42")
        }
    }

    @Test func anAsyncFunctionWorksInsideACoroutine() async throws {
        try await withHost { host in
            try await host.registerAsync("twice") { (n: Int) async in
                await Task.yield()
                return n * 2
            }
            let source = """
                local sum = 0
                for n in coroutine.wrap(function() for i = 1, 3 do coroutine.yield(twice(i)) end end) do sum = sum + n end
                return sum
                """
            #expect(try await host.run(source, name: "t", returning: Int.self) == 12)
        }
    }

    @Test func anAsyncFunctionRunsOnTheLoop() async throws {
        try await withHost { host in
            let loop = host.loop
            try await host.registerAsync("on_loop") { () async -> Bool in
                let before = loop.isOnLoop
                await Task.yield()
                return before && loop.isOnLoop
            }
            #expect(try await host.run("return on_loop()", name: "t", returning: Bool.self))
        }
    }

    @Test func anAsyncFunctionCannotBeCalledWhereNothingCanWait() async throws {
        try await withHost { host in
            try await host.registerAsync("twice") { (n: Int) async in n * 2 }
            let error = await luaError { () throws(LuaError) in
                try await host.run("return '1' + setmetatable({}, {__add = function() return twice(1) end})", name: "t")
            }
            #expect(error?.message.contains("cannot wait here") == true)
            await #expect(throws: LuaError.self) { try await host.withLua { try $0.evaluate("twice(1)") } }
            #expect(try await host.run("return twice(4)", name: "t", returning: Int.self) == 8)
        }
    }

    @Test func aBadArgumentOfAnAsyncFunctionIsNamed() async throws {
        try await withHost { host in
            try await host.registerAsync("twice") { (n: Int) async in n * 2 }
            let error = await luaError { () throws(LuaError) in try await host.run("twice('x')", name: "t") }
            #expect(error?.message == "t:1: bad argument #1 to 'twice' (integer expected, got string)")
        }
    }

    @Test func cancellingTheGreenCancelsTheTaskAndFreesTheGreenAtOnce() async throws {
        try await withHost { host in
            let begun = Signal()
            let cancelled = Signal()
            let late = Signal()
            try await host.registerAsync("stubborn") { () async -> Int in
                await withTaskCancellationHandler {
                    begun.send()
                    await late.wait()
                } onCancel: {
                    cancelled.send()
                }
                return 1
            }
            try await host.register("late") { late.send() }
            let call = Task {
                await luaError { () throws(LuaError) in try await host.run("stubborn()", name: "t") }
            }
            await begun.wait()
            call.cancel()
            #expect(await call.value?.kind == .cancelled)
            await cancelled.wait()
            // The late result reaches nobody, and breaks nothing.
            try await host.run("late() for _ = 1, 10 do green.sleep(0) end", name: "t")
        }
    }

    @Test func stoppingTheGreenCancelsTheTask() async throws {
        try await withHost { host in
            let cancelled = Signal()
            try await host.registerAsync("stubborn") { () async -> Void in
                await withTaskCancellationHandler {
                    await cancelled.wait()
                } onCancel: {
                    cancelled.send()
                }
            }
            let source = """
                local swallows = green.spawn(function() while true do pcall(green.sleep, 100) stubborn() end end)
                green.sleep(0) swallows:cancel() green.sleep(0) green.sleep(0) swallows:cancel()
                """
            try await host.run(source, name: "t")
            await cancelled.wait()
        }
    }

    @Test func aTimeoutInTheScriptEndsTheWaitForSwift() async throws {
        try await withHost { host in
            try await host.registerAsync("forever") { () async throws in try await Task.sleep(for: .seconds(1000)) }
            let source = """
                local ok, e = pcall(green.timeout, 0.01, forever)
                return tostring(ok) .. " " .. tostring(e == green.timed_out)
                """
            #expect(try await host.run(source, name: "t", returning: String.self) == "false true")
        }
    }

    @Test func closingTheHostCancelsTasksInFlight() async throws {
        try await withHost { host in
            let begun = Signal()
            let cancelled = Signal()
            try await host.registerAsync("forever") { () async in
                begun.send()
                await withTaskCancellationHandler {
                    try? await Task.sleep(for: .seconds(1000))
                } onCancel: {
                    cancelled.send()
                }
            }
            let call = Task { await luaError { () throws(LuaError) in try await host.run("forever()", name: "t") } }
            await begun.wait()
            await host.close()
            await cancelled.wait()
            #expect(await call.value?.kind == .closed)
        }
    }

    @Test func anAsyncFunctionMayCallTheHostAgain() async throws {
        try await withHost { host in
            let double = try await host.load("return function(n) green.sleep(0) return n * 2 end", name: "double")
            try await host.registerAsync("through_swift") { (n: Int) async throws in
                try await host.call(double, n, returning: Int.self)
            }
            #expect(try await host.run("return through_swift(4)", name: "t", returning: Int.self) == 8)
        }
    }

    @Test func aFunctionCanBeAnArgumentAndAResult() async throws {
        try await withHost { host in
            try await host.register("same") { (f: LuaFunction) in f }
            try await host.registerAsync("run_twice") { (f: LuaFunction) async throws -> Int in
                try await host.call(f, 1, returning: Int.self) + host.call(f, 2, returning: Int.self)
            }
            #expect(
                try await host.run(
                    "return run_twice(same(function(n) return n * 10 end))", name: "t", returning: Int.self)
                    == 30)
        }
    }

    @Test func manyAsyncCallsAtOnceAllComeBack() async throws {
        try await withHost { host in
            try await host.registerAsync("later") { (n: Int) async in
                await Task.yield()
                return n
            }
            let source = """
                local futures = {}
                for i = 1, 1000 do futures[i] = green.spawn(function() return later(i) end) end
                local sum = 0
                for _, future in ipairs(futures) do sum = sum + wait(future) end
                return sum
                """
            #expect(try await host.run(source, name: "t", returning: Int.self) == 500_500)
        }
    }
}
