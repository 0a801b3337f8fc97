import Greenhouse
import Testing

/// How many greens may live at once: of a host, and of a call.
struct GreenLimitsTests {
    /// How a script ends on a host that allows so many.
    private func ending(_ source: String, greens: Int) throws -> LuaError? {
        let runner = try ScriptRunner(limits: RunLimits(greens: greens))
        let ending = try runner.run(ScriptFile(source: source, name: "t"), name: "t", arguments: [])
        runner.scheduler.close()
        guard case .failed(let error) = ending else { return nil }
        return error
    }

    @Test func moreGreensThanTheHostAllowsAreRefused() throws {
        let source = """
            local green = require "green"
            local ok, err
            for i = 1, 20 do ok, err = pcall(green.spawn, green.sleep, 0.01) if not ok then break end end
            assert(err.kind == "limit")
            error(err, 0)
            """
        let error = try ending(source, greens: 10)
        #expect(error?.message == "too many greens: 10 live, and this host allows 10 (limits.greens, --max-greens)")
        #expect(error?.kind == .limit)
        #expect(error?.limit == .greens(10))
    }

    @Test func workersOfAPoolAreGreensToo() throws {
        let source = """
            local green = require "green"
            local pool = GreenPool(5)
            for i = 1, 5 do wait(pool:submit(green.sleep, 0)) end
            for i = 1, 4 do green.spawn(green.sleep, 0.01) end
            pool:submit(green.sleep, 0)
            """
        #expect(try ending(source, greens: 6) == nil)
        #expect(try ending(source, greens: 5)?.limit == .greens(5))
    }

    @Test func aCallThatFindsNoRoomSaysSo() async throws {
        try await withHost(limits: RunLimits(greens: 1)) { (host: ScriptHost) async throws in
            try await host.registerAsync("inner") { () async throws in
                let error = await luaError { () throws(LuaError) in try await host.run("return 1", name: "inner") }
                #expect(error?.kind == .limit)
                #expect(error?.limit == .greens(1))
            }
            try await host.run("inner()", name: "outer")
        }
    }

    private let message = "too many greens: this call has 3, and may have 3 (CallLimits.greens, --request-greens)"

    /// How a script ends as a call that may have three greens.
    private func ending(ofCall source: String) async throws -> LuaError? {
        var error: LuaError?
        try await withHost { (host: ScriptHost) async throws in
            error = await luaError { () throws(LuaError) in
                try await host.run(
                    "local green = require 'green' " + source, name: "t", limits: CallLimits(greens: 3))
            }
        }
        return error
    }

    @Test func aCallMayHaveSoMany() async throws {
        #expect(try await ending(ofCall: "for _ = 1, 2 do green.spawn(green.sleep, 0.01) end") == nil)
        let error = try await ending(ofCall: "for _ = 1, 3 do green.spawn(green.sleep, 0.01) end")
        #expect(error?.message == message)
        #expect(error?.kind == .limit)
        #expect(error?.limit == .greens(3))
    }

    @Test func thoseOfItsGreensAreAmongThem() async throws {
        let source = """
            local function grow(depth) if depth > 0 then wait(green.spawn(grow, depth - 1)) end end
            grow(
            """
        #expect(try await ending(ofCall: source + "2)") == nil)
        let error = try await ending(ofCall: source + "3)")
        #expect(error?.message == message)
        #expect(error?.limit == .greens(3))
        #expect(error?.traceback.contains("t:1") == true)
    }

    @Test func thoseThatHaveEndedAreNot() async throws {
        #expect(try await ending(ofCall: "for _ = 1, 20 do wait(green.spawn(green.sleep, 0)) end") == nil)
    }

    @Test func workersOfAPoolAreAmongThem() async throws {
        let source = """
            local pool = GreenPool(10)
            for _ = 1, 3 do pool:submit(green.sleep, 0.01) end
            """
        #expect(try await ending(ofCall: source)?.limit == .greens(3))
    }

    @Test func whatWaitsInThePoolsLineBeginsAllTheSame() async throws {
        let source = """
            local pool = GreenPool(2)
            local all = {}
            for i = 1, 6 do all[i] = pool:submit(green.sleep, 0) end
            for i = 1, 6 do wait(all[i]) end
            """
        #expect(try await ending(ofCall: source) == nil)
    }

    @Test func aPoolThatGrowsStartsNoMoreThanThereMayBe() async throws {
        let source = """
            local pool = GreenPool(1)
            for _ = 1, 20 do pool:submit(green.sleep, 0.001) end
            pool.max_workers = 100
            assert(green.info().greens.live == 3, green.info().greens.live)
            while pool.queued > 0 do green.sleep(0.001) end
            """
        #expect(try await ending(ofCall: source) == nil)
    }

    @Test func aJobThatEndsItsPoolNeedsRoomForTheOneInItsPlace() async throws {
        let source = """
            local pool, most, errors = GreenPool(1), 0, 0
            for _ = 1, 20 do
              pool:submit(function()
                local ok, err = pcall(pool.shutdown, pool)
                if not ok then assert(err.kind == "limit") errors = errors + 1 end
                most = math.max(most, green.info().greens.live)
                green.sleep(0.001)
              end)
            end
            while pool.queued > 0 do green.sleep(0.001) end
            assert(most == 3 and errors > 0, most .. " " .. errors)
            """
        #expect(try await ending(ofCall: source) == nil)
    }

    @Test func whatTheHostSubmittedHasNotTheLimitsOfWhoMakesRoomForIt() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let globals = try await host.makeGlobals()
            let begin = """
                green = require "green"
                pool = GreenPool(1)
                pool:submit(green.sleep, 10)
                job = pool:submit(green.sleep, 0.05)
                """
            try await host.run(begin, name: "begin", in: globals)
            let limits = CallLimits(deadline: .milliseconds(10))
            try await host.run("pool.max_workers = 2", name: "raise", in: globals, limits: limits)
            try await host.run("wait(job)", name: "wait", in: globals)
        }
    }

    @Test func othersHaveTheirOwn() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let limits = CallLimits(greens: 2)
            let spawn = "green.spawn(green.sleep, 60) "
            let script = "local green = require 'green' " + spawn
            try await host.run(script, name: "a", limits: limits)
            try await host.run(script, name: "b", limits: limits)
            try await host.run(script + spawn + spawn, name: "c")
        }
    }

    @Test func noneAtAllIsRefusedAtOnce() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let error = await luaError { () throws(LuaError) in
                try await host.run("return 1", name: "t", limits: CallLimits(greens: 0))
            }
            #expect(error?.limit == .greens(0))
            #expect(error?.message == "too many greens: 0 may live at once")
        }
    }

    @Test func anErrorOfALimitKeepsItThroughASwiftFunction() async throws {
        try await withHost { (host: ScriptHost) async throws in
            let limits = CallLimits(deadline: .milliseconds(10))
            try await host.registerAsync("inner") { () async throws in
                try await host.run("require 'green'.sleep(60)", name: "inner", limits: limits)
            }
            let error = await luaError { () throws(LuaError) in try await host.run("inner()", name: "outer") }
            #expect(error?.kind == .timeout)
            #expect(error?.limit == .deadline(.milliseconds(10)))
        }
    }
}
