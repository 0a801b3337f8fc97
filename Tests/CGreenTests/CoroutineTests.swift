import CGreen
import CLua
import Testing

/// The scenarios of `coroutine.lua` in a state with Greenhouse's coroutine library, or with Lua's own.
private struct Scenarios {
    let state: TestState
    let count: Int

    init(stock: Bool) throws {
        state = try TestState()
        if stock {
            lua_pushcclosure(state.lua, luaopen_coroutine, 0)
            try #require(cg_call(state.lua, 0, 1) == CG_OK)
            try state.setGlobal("coroutine")
            try state.run("package.loaded.coroutine = coroutine")
        }
        try state.setGlobal("pass", TestNative.pass())
        try state.setGlobal("park", TestNative.park())
        let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        try state.push(folder + "/Scripts/membrane/coroutine.lua")
        try state.setGlobal("path")
        try state.run("scenarios = dofile(path)")
        count = try #require(Int(try state.run("return scenarios.count()")))
        try #require(count > 20)
    }

    func name(_ index: Int) throws -> String { try state.run("return scenarios.name(\(index))") }

    func outcome(_ index: Int) throws -> String { try state.run("return scenarios.run(\(index), coroutine, pass)") }
}

@Suite struct CoroutineConformanceTests {
    private let stock: Scenarios
    private let ours: Scenarios

    init() throws {
        stock = try Scenarios(stock: true)
        ours = try Scenarios(stock: false)
    }

    @Test func theLibraryDoesWhatLuasOwnDoes() throws {
        for index in 1...ours.count {
            let name = try ours.name(index)
            #expect(try ours.outcome(index) == stock.outcome(index), "\(name)")
        }
    }

    @Test func parksChangeNothingThatAScriptCanSee() throws {
        var parks = 0
        for index in 1...ours.count {
            let name = try ours.name(index)
            let green = try TestGreen(ours.state)
            let outcome = try green.finish("return scenarios.run(\(index), coroutine, park)")
            #expect(try outcome == .done(stock.outcome(index)), "\(name)")
            parks += green.parks
        }
        #expect(parks > 100)
    }
}

@Suite struct CoroutineTests {
    let state: TestState
    let green: TestGreen

    init() throws {
        state = try TestState()
        try state.setGlobal("park", TestNative.park())
        try state.run(TestNative.below)
        green = try TestGreen(state)
    }

    @Test(arguments: 1...5) func aParkComesOutOfNoResumeAtAnyDepth(depth: Int) throws {
        let outcome = try green.finish(
            """
            local log = {}
            local function nest(depth)
              if depth == 0 then return park("bottom") end
              local ok, value = coroutine.resume(coroutine.create(nest), depth - 1)
              log[#log + 1] = tostring(ok) .. depth
              return park(value)
            end
            local value = nest(\(depth))
            return value, table.concat(log, " ")
            """)
        let log = (1...depth).map { "true\($0)" }.joined(separator: " ")
        #expect(outcome == .done("bottom, \(log)"))
        #expect(green.parks == depth + 1)
    }

    @Test(arguments: 1...5) func aParkComesOutOfNoWrapAtAnyDepth(depth: Int) throws {
        let outcome = try green.finish(
            """
            local function nest(depth)
              if depth == 0 then return park("bottom") end
              for value in coroutine.wrap(function() coroutine.yield(nest(depth - 1)) end) do
                return park(value) .. depth
              end
            end
            return nest(\(depth))
            """)
        #expect(outcome == .done("bottom" + (1...depth).map(String.init).joined()))
        #expect(green.parks == depth + 1)
    }

    @Test func resumeAndWrapAlternate() throws {
        let outcome = try green.finish(
            """
            return coroutine.wrap(function()
              local _, value = coroutine.resume(coroutine.create(function()
                return coroutine.wrap(function() return park(1) + park(2) end)() + park(3)
              end))
              return value
            end)()
            """)
        #expect(outcome == .done("6"))
        #expect(green.parks == 3)
    }

    @Test func aParkInAMetamethodInACoroutineInPcallIsInvisible() throws {
        let outcome = try green.finish(
            """
            local object = setmetatable({}, {__index = function(_, key)
              return select(2, pcall(coroutine.wrap(function()
                local ok, message = pcall(function() park() error(key, 0) end)
                park()
                return message
              end)))
            end})
            local get = coroutine.wrap(function() while true do coroutine.yield(object.x .. object.y) end end)
            return get(), get()
            """)
        #expect(outcome == .done("xy, xy"))
        #expect(green.parks == 8)
    }

    @Test func aCoroutineThatWaitsIsNormalToOthers() throws {
        #expect(
            try green.step(
                """
                inner = coroutine.create(function() return park("mine") end)
                wrapped = coroutine.wrap(function() return (select(2, coroutine.resume(inner))) end)
                return wrapped()
                """) == .parked)
        let other = try TestGreen(state, slot: 2)
        let seen = try other.step(
            """
            return coroutine.status(inner), select(2, coroutine.resume(inner)), select(2, pcall(coroutine.close, inner)),
              select(2, pcall(wrapped))
            """)
        #expect(
            seen
                == .done(
                    "normal, cannot resume non-suspended coroutine, cannot close a normal coroutine, "
                        + "cannot resume non-suspended coroutine"))
        #expect(try green.step() == .done("mine"))
        #expect(try other.step("return coroutine.status(inner)") == .done("dead"))
    }

    @Test func nobodyButTheSchedulerResumesOrClosesAGreen() throws {
        let look = """
            return coroutine.status(other), select(2, coroutine.resume(other)), select(2, pcall(coroutine.close, other))
            """
        let refused = "normal, cannot resume non-suspended coroutine, cannot close a normal coroutine"
        let other = try TestGreen(state, slot: 2)
        #expect(cg_push_thread(green.thread) == false)
        cg_move(green.thread, state.lua, 1)
        try state.setGlobal("other")
        #expect(try other.step(look) == .done(refused), "before it began")
        #expect(try green.step("return park(coroutine.status(other), select(2, coroutine.running()))") == .parked)
        #expect(try other.step(look) == .done(refused), "while it waits")
        #expect(try state.run(look) == refused, "from the main coroutine")
        #expect(try green.step() == .done("running, true"))
        #expect(try other.step(look) == .done(refused), "after its end")
    }

    @Test func theStatesMainCoroutineCanNotBeResumedByAGreen() throws {
        try state.run("main = coroutine.running()")
        cg_push_globals(state.lua)
        defer { cg_set_top(state.lua, 0) }
        let look = """
            return coroutine.status(main), select(2, coroutine.resume(main)), select(2, pcall(coroutine.close, main))
            """
        #expect(
            try green.step(look)
                == .done("normal, cannot resume non-suspended coroutine, cannot close a normal coroutine"))
    }

    @Test func aCoroutineStartedInOneGreenGoesOnInAnother() throws {
        #expect(
            try green.finish(
                "shared = coroutine.wrap(function() while true do coroutine.yield(park('x')) end end) return shared()")
                == .done("x"))
        let other = try TestGreen(state, slot: 2)
        #expect(try other.finish("return shared(), shared()") == .done("x, x"))
        #expect(other.parks == 2)
    }

    @Test func aParkBelowAFunctionThatCannotBeLeftIsAnErrorThere() throws {
        let outcome = try green.finish(
            """
            local first, second, third
            below(function()
              first = select(2, pcall(park))
              second = select(2, pcall(coroutine.wrap(function() park() end)))
            end)
            coroutine.wrap(function() below(function() third = select(2, pcall(park)) end) end)()
            return first, second, third, park("and later it may"), coroutine.wrap(function() return park(4) end)()
            """)
        let refused = "'park' cannot wait here"
        #expect(outcome == .done("\(refused), test:4: \(refused), \(refused), and later it may, 4"))
        #expect(green.parks == 2)
    }

    @Test func aScriptsOwnYieldAfterARefusedParkIsNoPark() throws {
        let outcome = try green.finish(
            """
            local co = coroutine.wrap(function()
              below(function() pcall(park) end)
              coroutine.yield("mine")
            end)
            return co()
            """)
        #expect(outcome == .done("mine"))
        #expect(green.parks == 0)
    }

    @Test func closingMayNotWait() throws {
        let outcome = try green.finish(
            """
            local co = coroutine.create(function()
              local guard <close> = setmetatable({}, {__close = function() park() end})
              coroutine.yield()
            end)
            coroutine.resume(co)
            return coroutine.close(co)
            """)
        #expect(outcome == .done("false, test:2: 'park' cannot wait here"))
    }

    @Test func leavingABlockMayWait() throws {
        let outcome = try green.finish(
            """
            local log = {}
            local function guarded(fails)
              local guard <close> = setmetatable({}, {__close = function(_, e) log[#log + 1] = park(tostring(e)) end})
              if fails then error("broken", 0) end
              return park("fine")
            end
            local co = coroutine.wrap(function() return guarded(false), select(2, pcall(guarded, true)) end)
            local a, b = co()
            return a, b, table.concat(log, " ")
            """)
        #expect(outcome == .done("fine, broken, nil broken"))
        #expect(green.parks == 3)
    }

    @Test func waitingCoroutinesSurviveCollection() throws {
        #expect(
            try green.step(
                "return coroutine.wrap(function() return coroutine.wrap(function() return park({}) end)() end)()")
                == .parked)
        #expect(cg_collect(state.lua) == CG_OK)
        guard case .done(let text) = try green.step() else {
            Issue.record("the green did not end")
            return
        }
        #expect(text.hasPrefix("table: "))
    }

    @Test func aGreenThatFailsInsideItsCoroutinesCanBeUsedAgain() throws {
        #expect(
            try green.finish(
                "coroutine.wrap(function() park() coroutine.wrap(function() park() error('deep') end)() end)()")
                == .failed("test:1: test:1: test:1: deep"))
        #expect(try green.finish("return coroutine.wrap(function() return park(5) end)()") == .done("5"))
    }
}
