import EventLoop
import LuaRuntime
import Testing

@testable import Green

/// Greens near the memory limit. Lua's own collection at the limit would be one step, in which nobody else has a turn: so
/// the limit itself must refuse nothing.
struct SteppedCollectionTests {
    private func fixture(limit: Int = 8 << 20, clock: LoopClock = .skipping) throws -> GreenFixture {
        let fixture = try GreenFixture(clock: clock, limits: RunLimits(memory: limit))
        fixture.scheduler.lua.memoryLimit = limit
        return fixture
    }

    private let fill = """
        function fill(list)
          local n = 0
          local ok, err = pcall(function() while true do n = n + 1 list[n] = { n } end end)
          return n, err
        end

        """

    @Test func whoKeepsEverythingGetsTheErrorBeforeTheLimitRefuses() throws {
        let fixture = try fixture()
        #expect(try fixture.run(fill + "local n, err = fill {} return err") == "not enough memory")
        #expect(try fixture.run("return green.info().lua_memory") != "")
        #expect(fixture.scheduler.lua.memory.refusals == 0)
        #expect(fixture.scheduler.lua.memory.peak < 8 << 20)
    }

    @Test func whatItLeavesIsCollectedThen() throws {
        let fixture = try fixture()
        try fixture.run(fill + "fill {} collectgarbage 'stop'")
        fixture.loop.runUntilIdle()
        #expect(fixture.scheduler.lua.memory.bytes < 1 << 20)
        #expect(fixture.scheduler.lua.memory.refusals == 0)
    }

    @Test func whoMakesGarbageGoesOn() throws {
        let fixture = try fixture()
        let source = """
            collectgarbage "stop" -- so that it comes to the limit each time
            local kept = {}
            for i = 1, 40000 do kept[i] = { i } end
            for i = 1, 1000000 do local t = { i } end
            return #kept
            """
        #expect(try fixture.run(source) == "40000")
        #expect(fixture.scheduler.lua.memory.refusals == 0)
    }

    @Test func coroutinesOfEndedGreensGiveWayToWhatIsNeeded() throws {
        let fixture = try fixture()
        let source = """
            local all, kept = {}, {}
            for i = 1, 4000 do all[i] = green.spawn(green.sleep, 0.01) end
            for i = 1, 4000 do wait(all[i]) end
            all = nil
            for i = 1, 40000 do kept[i] = { i } end
            return #kept
            """
        #expect(try fixture.run(source) == "40000")
        #expect(fixture.scheduler.lua.memory.refusals == 0)
        #expect(try fixture.run("local f = green.spawn(function() return 'as ever' end) return wait(f)") == "as ever")
    }

    @Test func theOthersHaveTheirTurnsMeanwhile() throws {
        let fixture = try fixture()
        let source =
            fill + """
                local turns, near, over = 0, 0, false
                local function request() -- and the next one
                  green.sleep(0)
                  local t = { "this needs memory as well" }
                  turns = turns + 1
                  if collectgarbage "count" > 7000 then near = near + 1 end
                  if not over then green.spawn(request) end
                end
                green.spawn(request)
                for _ = 1, 5 do fill {} end
                over = true
                return near > 5 and turns > near
                """
        #expect(try fixture.run(source) == "true")
        #expect(fixture.scheduler.lua.memory.refusals == 0)
    }

    @Test func oneIsRefusedAndTheOtherGoesOnWithWhatThatLeaves() throws {
        let fixture = try fixture()
        // A chain: a list grows in blocks that the limit itself may have to refuse.
        let source = """
            local list = {}
            local large = green.spawn(function()
              local chain, n = nil, 0
              pcall(function() while true do chain, n = { chain }, n + 1 end end)
              return n
            end)
            local small = green.spawn(function()
              for i = 1, 20000 do list[i] = { i } if i % 100 == 0 then green.sleep(0) end end
              return "done"
            end)
            return wait(small), wait(large) > 10000
            """
        #expect(try fixture.run(source) == "done")
        #expect(fixture.scheduler.lua.memory.refusals == 0)
    }

    @Test func theLargestIsRefusedWhoeverCameFirst() throws {
        let fixture = try fixture()
        let source = """
            local isFull
            local large = green.spawn(function()
              local chain
              while collectgarbage "count" < 6900 do chain = { chain } end
              isFull = true
              while collectgarbage "count" < 7100 do green.sleep(0) end
              while true do chain = { chain } end
            end)
            local small = green.spawn(function()
              local chain
              while not isFull do green.sleep(0) end
              for _ = 1, 6000 do chain = { chain } end
              return "done"
            end)
            return wait(small) .. ", " .. tostring(select(2, pcall(wait, large)))
            """
        #expect(try fixture.run(source) == "done, not enough memory")
        #expect(fixture.scheduler.lua.memory.refusals == 0)
    }

    @Test func whoTakesLittlePassesBy() throws {
        let fixture = try fixture()
        let source = """
            local chain
            while collectgarbage "count" < 7160 do chain = { chain } end
            local small = green.spawn(function()
              for _ = 1, 250 do chain = { chain } end
              return collectgarbage "count" > 7 << 10 and "done"
            end)
            return wait(small)
            """
        #expect(try fixture.run(source) == "done")
    }

    @Test func whoTakesALittleAtATimeAndKeepsItComesNoFurther() throws {
        let fixture = try fixture(clock: .monotonic)  // what is taken counts less by the time
        let source = """
            local chain, errors = nil, 0
            local hoarder = green.spawn(function()
              while errors < 20 do
                local ok = pcall(function()
                  while true do
                    for _ = 1, 20 do chain = { chain } end
                    green.sleep(0)
                  end
                end)
                if not ok then errors = errors + 1 end
              end
            end)
            local rounds = 0
            local function request() -- and the next one
              local t = {}
              for i = 1, 20 do t[i] = { i } end
              rounds = rounds + 1
              green.sleep(0)
              if not hoarder:done() then green.spawn(request) end
            end
            wait(green.spawn(request))
            wait(hoarder)
            return rounds > 100
            """
        #expect(try fixture.run(source) == "true")
        #expect(fixture.scheduler.lua.memory.refusals == 0)
        #expect(fixture.scheduler.lua.memory.peak < 8 << 20)
    }

    @Test func aCollectorThatBeginsAgainAndAgainKeepsNobodyWaiting() throws {
        let fixture = try fixture(limit: 4 << 20)
        let source = """
            local other = green.spawn(function() while true do collectgarbage() green.sleep(0) end end)
            local chain
            local ok, err = pcall(function() while true do chain = { chain } end end)
            other:cancel()
            return err
            """
        #expect(try fixture.run(source) == "not enough memory")
    }

    @Test func objectsOfSwiftCountWithWhatTheyHoldOutsideOfLua() throws {
        let fixture = try fixture(limit: 64 << 20)
        func bytes(_ source: String) throws -> Int {
            let before = fixture.scheduler.lua.memory.bytes
            try fixture.run("kept = {} for i = 1, 1000 do \(source) end")
            let after = fixture.scheduler.lua.memory.bytes
            try fixture.run("kept = nil collectgarbage() collectgarbage()")
            #expect(abs(fixture.scheduler.lua.memory.bytes - before) < 32_000, "what they held is given back")
            return (after - before) / 1000
        }
        _ = try bytes("kept[i] = GreenLock()")
        #expect(try bytes("kept[i] = GreenLock()") >= 140)
        #expect(try bytes("kept[i] = green.future()") >= 150)
        #expect(try bytes("kept[i] = green.Queue()") >= 400)
        #expect(try bytes("kept[i] = GreenPool()") >= 240)
    }

    @Test func jobsInTheLineOfAPoolCount() throws {
        let fixture = try fixture(limit: 64 << 20)
        let before = fixture.scheduler.lua.memory.bytes
        try fixture.run(
            """
            pool = GreenPool(1)
            for i = 1, 1000 do pool:submit(green.sleep, 0) end
            assert(green.info().lua_memory > 300000)
            for i = 1, 999 do green.sleep(0) end
            wait(pool:shutdown())
            pool = nil
            collectgarbage() collectgarbage()
            """)
        #expect(abs(fixture.scheduler.lua.memory.bytes - before) < 64_000)
    }

    @Test func whoIsCancelledThereIsCancelled() throws {
        let fixture = try fixture()
        let source =
            fill + """
                local large = green.spawn(function() local list, n = {}, 0 while true do n = n + 1 list[n] = { n } end end)
                while collectgarbage "count" < 7100 do green.sleep(0) end
                large:cancel()
                local ok, err = pcall(wait, large)
                return err == green.cancelled
                """
        #expect(try fixture.run(source) == "true")
    }

    @Test func aSchedulerMayCloseMeanwhile() throws {
        let fixture = try fixture()
        try fixture.start(fill + "fill {}")
        while !fixture.scheduler.lua.isNearMemoryLimit { fixture.loop.runOnce(blocking: false) }
        fixture.scheduler.close()
        fixture.loop.runUntilIdle()
    }

    @Test func generationalCollectionGetsThereAsWell() throws {
        let fixture = try fixture()
        let source =
            fill + """
                collectgarbage "generational"
                local n, err = fill {}
                return err
                """
        #expect(try fixture.run(source) == "not enough memory")
    }
}
