import EventLoop
import Greenhouse
import LuaRuntime
import Testing

struct ScriptHostCallingTests {
    @Test func aLoadedFunctionIsCalledWithConvertedValues() async throws {
        try await withHost { host in
            let join = try await host.load(
                "return function(list, fields) return table.concat(list, fields.separator), #list end", name: "join.lua"
            )
            let results = try await host.call(
                join, ["a", "b"], ["separator": "-"], returning: LuaResults<String, Int>.self)
            #expect(results.values == ("a-b", 2))
            try await host.call(join, ["a"], ["separator": ""])
        }
    }

    @Test func aChunkMayWaitWhileItLoads() async throws {
        try await withHost { host in
            let function = try await host.load("green.sleep(0) return function() return 5 end", name: "slow.lua")
            #expect(try await host.call(function, returning: Int.self) == 5)
        }
    }

    @Test func aChunkThatIsNoLuaIsASyntaxError() async throws {
        try await withHost { host in
            let error = await luaError { () throws(LuaError) in try await host.load("return (", name: "bad.lua") }
            #expect(error?.kind == .syntax)
            #expect(error?.message.hasPrefix("bad.lua:1: unexpected symbol") == true)
        }
    }

    @Test func aChunkThatReturnsNoFunctionIsRefused() async throws {
        try await withHost { host in
            let error = await luaError { () throws(LuaError) in try await host.load("return 1", name: "one.lua") }
            #expect(error?.kind == .conversion)
            #expect(error?.message == "the result of 'one.lua': expected function, got number")
        }
    }

    @Test func aResultOfAnotherTypeIsAConversionError() async throws {
        try await withHost { host in
            let function = try await host.load("return function() return 'text' end", name: "f")
            let error = await luaError { () throws(LuaError) in try await host.call(function, returning: Int.self) }
            #expect(error?.kind == .conversion)
            #expect(error?.message == "the result: expected integer, got string")
            let nothing = await luaError { () throws(LuaError) in
                try await host.run("return", name: "n", returning: Int.self)
            }
            #expect(nothing?.message == "the result of 'n': expected integer, got no value")
        }
    }

    @Test func anErrorBringsItsTraceback() async throws {
        try await withHost { host in
            let function = try await host.load(
                "local function inner() error('broken') end\nreturn function() inner() end", name: "app.lua")
            let error = await luaError { () throws(LuaError) in try await host.call(function) }
            #expect(error?.kind == .runtime)
            #expect(error?.message == "app.lua:1: broken")
            #expect(error?.traceback.contains("app.lua:2: in function <app.lua:2>") == true)
        }
    }

    @Test func cancellingTheTaskCancelsTheGreenAtItsWait() async throws {
        try await withHost { host in
            let waits = Signal()
            let globals = try await host.makeGlobals()
            try await host.register("waits") { waits.send() }
            let source = """
                local ok, e = pcall(function() waits() green.sleep(1000) end)
                cleaned = tostring(e)
                error(e, 0)
                """
            let task = Task {
                await luaError { () throws(LuaError) in try await host.run(source, name: "t", in: globals) }
            }
            await waits.wait()
            task.cancel()
            #expect(await task.value?.kind == .cancelled)
            #expect(try await host.run("return cleaned", name: "t", in: globals, returning: String.self) == "cancelled")
        }
    }

    @Test func aCallOfACancelledTaskNeverBegins() async throws {
        try await withHost { host in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await luaError { () throws(LuaError) in try await host.run("began = true", name: "t") }
            }
            let error = await task.value
            let began = try await host.run("return began", name: "t", returning: Bool?.self)
            #expect(error?.kind == .cancelled && began == nil)
        }
    }

    @Test func aTimeoutEndsTheWait() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let error = await luaError { () throws(LuaError) in
                try await host.run("green.sleep(1000)", name: "t", limits: CallLimits(deadline: .milliseconds(5)))
            }
            #expect(error?.kind == .timeout)
            #expect(
                try await host.run(
                    "green.sleep(0) return 1", name: "t", limits: CallLimits(deadline: .seconds(100)),
                    returning: Int.self)
                    == 1)
        }
    }

    @Test func aCallWithNothingLeftToUseEndsAtOnce() async throws {
        try await withHost { (host: ScriptHost) async throws in
            for (limits, kind) in [
                (CallLimits(deadline: .milliseconds(-5)), LuaError.Kind.timeout),
                (CallLimits(processorTime: .zero), .limit),
            ] {
                let error = await luaError { () throws(LuaError) in try await host.run("", name: "t", limits: limits) }
                #expect(error?.kind == kind)
                #expect(error?.limit != nil)
            }
        }
    }

    @Test func instructionsAreRefusedWhereTheHostCountsNone() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let error = await luaError { () throws(LuaError) in
                try await host.run("while true do end", name: "t", limits: CallLimits(instructions: 1000))
            }
            #expect(error?.message.hasPrefix("CallLimits: this host counts no instructions") == true)
        }
    }

    @Test func callsRunInGreensOfTheirOwnAndOverlap() async throws {
        try await withHost { host in
            let meet = try await host.load(
                """
                local event = green.Event()
                return function(first) if first then event:wait() return 1 end event:set() return 2 end
                """, name: "meet")
            async let one = host.call(meet, true, returning: Int.self)
            async let two = host.call(meet, false, returning: Int.self)
            #expect(try await one + two == 3)
        }
    }

    @Test func aFunctionOfAnotherHostIsRefused() async throws {
        try await withHost { host in
            let other = try await ScriptHost(on: host.loop)
            let function = try await other.load("return function() end", name: "f")
            let error = await luaError { () throws(LuaError) in try await host.call(function) }
            #expect(error?.message == "a function of another host cannot be used here")
            #expect(try await host.run("return 1", name: "t", returning: Int.self) == 1)
            await other.close()
        }
    }

    @Test func callsFromManyTasksAllComeBack() async throws {
        try await withHost { host in
            let function = try await host.load("return function(n) green.sleep(0) return n end", name: "f")
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for n in 1...500 { group.addTask { try await host.call(function, n, returning: Int.self) } }
                return try await group.reduce(0, +)
            }
            #expect(sum == 125_250)
        }
    }

    @Test func callsLeakNothing() async throws {
        try await withHost { host in
            let function = try await host.load(
                "return function(n) if n % 3 == 0 then error({n}) end return {n} end", name: "f")
            func round() async throws -> Int {
                for n in 0..<300 { _ = try? await host.call(function, n, returning: LuaValue.self) }
                return try await host.withLua { lua in
                    try lua.collectGarbage()
                    return try lua.memory.bytes
                }
            }
            _ = try await round()
            let before = try await round()
            #expect(abs(try await round() - before) < 2_000)
        }
    }
}
