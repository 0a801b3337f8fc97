import EventLoop
import LuaRuntime
import Testing

@testable import Green

/// Greens near the memory limit. Lua's own collection at the limit would be one step, in which nobody else has a turn: so
/// the limit itself must refuse nothing.
struct SteppedCollectionTests {
    private func fixture(limit: Int = 8 << 20) throws -> GreenFixture {
        let fixture = try GreenFixture(limits: RunLimits(memory: limit))
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
                local other = green.spawn(function()
                  while not over do
                    green.sleep(0)
                    local t = { "this needs memory as well" }
                    turns = turns + 1
                    if green.info().lua_memory > 7 << 20 then near = near + 1 end
                  end
                end)
                for _ = 1, 5 do fill {} end
                over = true
                wait(other)
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
              while collectgarbage "count" < 7 << 10 do green.sleep(0) end
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
            while collectgarbage "count" < 7000 do chain = { chain } end
            local small = green.spawn(function()
              local most = 0
              while most < 7 << 10 do
                for _ = 1, 50 do chain = { chain } end
                most = collectgarbage "count"
                green.sleep(0)
              end
              return "done"
            end)
            return wait(small)
            """
        #expect(try fixture.run(source) == "done")
    }

    @Test func whoIsCancelledThereIsCancelled() throws {
        let fixture = try fixture()
        let source =
            fill + """
                local large = green.spawn(function() local list, n = {}, 0 while true do n = n + 1 list[n] = { n } end end)
                while green.info().lua_memory < 7 << 20 do green.sleep(0) end
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
