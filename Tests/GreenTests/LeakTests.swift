import EventLoop
import LuaRuntime
import Testing

@testable import Green

@Suite struct LeakTests {
    /// A hundred greens in each kind of wait; a third ends well, a third fails, a third is cancelled.
    private static let wave = """
        local lock, event, gate = GreenLock(), green.Event(), green.Event()
        local semaphore, queue, full = green.Semaphore(1), green.Queue(), green.Queue(1)
        local condition, pool = green.Condition(), GreenPool(20)
        local held = green.Condition(lock)
        full:put({})
        local kinds = {
          function() local _ <close> = lock:guard() gate:wait() end,
          function() event:wait(50) end,
          function() semaphore:acquire(10) green.sleep(0) semaphore:release() end,
          function() queue:get(10) end,
          function() full:put({}, 10) end,
          function() condition:wait(10) end,
          function() local _ <close> = lock:guard(5) if _ then held:wait(1) end end,
          function() pcall(green.timeout, 3, wait, green.future()) end,
          function() green.locals.x = {} green.current() green.sleep(1) end,
          function() return wait(pool:submit(function(...) green.sleep(1) return {}, ... end, {}, {})) end,
          function() return green.gather(function() return {} end, function() green.sleep(2) return {}, {} end) end,
          function() coroutine.wrap(function() event:wait(1) end)() end,
        }
        local futures = {}
        for _, kind in ipairs(kinds) do
          for i = 1, 84 do
            local future = green.spawn(function()
              local results = table.pack(kind())
              if i % 3 == 1 then error({ 'failed' }) end
              return table.unpack(results, 1, results.n)
            end)
            future:add_done_callback(function(done) pcall(done.result, done) end)
            if i % 3 == 2 then
              if i % 2 == 0 then future:cancel() else green.spawn(function() green.sleep(0.5) future:cancel() end) end
            end
            futures[#futures + 1] = future
          end
        end
        green.sleep(0.7)
        gate:set() event:set() condition:notify_all()
        for i = 1, 20 do queue:put({}) end
        queue:close() full:close()
        for _, future in ipairs(futures) do pcall(wait, future) end
        wait(pool:shutdown())
        return #futures
        """

    @Test func tenThousandGreensLeaveNothingBehind() throws {
        let green = try GreenFixture()
        let lua = green.scheduler.lua
        var (held, workers, bytes) = (0, 0, 0)
        for round in 0..<26 {
            #expect(try green.run(Self.wave) == "1008")
            #expect(green.scheduler.liveCount == 0)
            green.collectGarbage()
            if round == 15 {
                // The first rounds make what is used again afterwards: workers, their stacks, the vault's room.
                (held, workers, bytes) = (lua.vault.heldCount, green.scheduler.workers.count, lua.memory.bytes)
            }
        }
        #expect(lua.vault.heldCount == held)
        #expect(green.scheduler.workers.count == workers)
        #expect(try green.freeWorkerCount() == workers)
        #expect(abs(lua.memory.bytes - bytes) < 1024, "was \(bytes), is \(lua.memory.bytes)")
        #expect(!green.loop.hasPendingWork)
        #expect(green.logged.isEmpty, "\(green.logged.prefix(3))")
    }

    @Test func whatScriptsMadeIsGoneWhenTheyDropIt() throws {
        let green = try GreenFixture()
        try green.run("x = 1")
        green.collectGarbage()
        let (held, bytes) = (green.scheduler.lua.vault.heldCount, green.scheduler.lua.memory.bytes)
        try green.run(
            """
            for i = 1, 1000 do
              local future, queue = green.future(), green.Queue()
              future:set_result({}, {}, {})
              queue:put({})
              GreenLock() green.Semaphore() green.Event() green.Condition(GreenLock()) GreenPool()
            end
            """)
        green.collectGarbage()
        #expect(green.scheduler.lua.vault.heldCount == held)
        #expect(abs(green.scheduler.lua.memory.bytes - bytes) < 16_384)
    }
}
