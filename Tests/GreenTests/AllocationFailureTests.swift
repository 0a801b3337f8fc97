import EventLoop
import LuaRuntime
import Testing

@testable import Green

@Suite struct AllocationFailureTests {
    private static let everything = """
        local lock, event, semaphore = GreenLock(), green.Event(), green.Semaphore(1)
        local queue, condition, pool = green.Queue(2), green.Condition(), GreenPool(2, { queue = 10 })
        local promise = green.future()
        local greens = {
          green.spawn(function() local _ <close> = lock:guard() green.sleep(0) end),
          green.spawn(function() lock:acquire(1) lock:release() event:wait(1) end),
          green.spawn(function() semaphore:acquire() event:wait(1) semaphore:release() end),
          green.spawn(function() for i = 1, 5 do queue:put({ i }, 1) end end),
          green.spawn(function() for i = 1, 5 do queue:get(1) end return 1, {}, 3 end),
          green.spawn(function() condition:wait(1) green.locals.x = {} return green.current() end),
          run_in_greenlet(function(...) return wait(promise, { timeout = 2 }), ... end)(1, 2),
          pool:submit(function() return pool:submit(function() return {}, {} end) end),
          pool:submit(function() green.sleep(1) end), pool:submit(error, {}), pool:submit(green.sleep, 2),
          green.spawn(function() coroutine.wrap(function() green.sleep(1) coroutine.yield({}) end)() end),
        }
        greens[1]:add_done_callback(function(done) return tostring(done) end)
        green.sleep(0)
        event:set()
        condition:notify_all()
        promise:set_result({}, {})
        pcall(green.timeout, 1, green.sleep, 5)
        greens[11]:cancel()
        for _, future in ipairs(greens) do pcall(wait, future, { timeout = 10 }) end
        green.gather(function() return {} end, function() end)
        green.race(function() return {} end, green.future())
        pool:map(tostring, { 1, 2, 3 })
        wait(pool:shutdown())
        green.info()
        return lock:locked() == nil
        """

    @Test func whicheverAllocationFailsTheSchedulerGoesOn() throws {
        var succeeded = false
        var countdown: UInt64 = 0
        while !succeeded {
            countdown += 1
            try #require(countdown < 20_000, "never succeeded")
            weak var scheduler: Scheduler?
            do {
                let green = try GreenFixture()
                scheduler = green.scheduler
                let lua = green.scheduler.lua
                try lua.load(Array(Self.everything.utf8), name: "=everything")
                let future = Future(green.scheduler)
                lua.failAllocations(after: countdown)
                do {
                    try green.scheduler.start(from: green.stack, arguments: 0, outcome: future)
                    green.loop.runUntilIdle()
                } catch {
                    #expect(error.isMemory)
                }
                lua.failAllocations(after: 0)
                green.stack.setTop(0)
                succeeded = (try? green.text(of: future)) == "true"
                // Whoever waits now waits for a green that memory took; the others are all right.
                let after = try green.run(
                    """
                    local pool = GreenPool(2)
                    local values = pool:map(function(x) green.sleep(1) return x end, { 1, 2, 3 })
                    return #values + wait(green.spawn(function() return 4 end))
                    """)
                #expect(after == "7", "after failure \(countdown)")
            }
            #expect(scheduler == nil, "held after failure \(countdown)")
        }
        #expect(countdown > 100)
    }

    @Test func aFailingAllocationNowAndThenIsSurvived() throws {
        let green = try GreenFixture()
        let lua = green.scheduler.lua
        for countdown in 1...400 {
            try lua.load(Array(Self.everything.utf8), name: "=everything")
            lua.failAllocations(after: UInt64(countdown * 7 % 1009 + 1))
            let future = Future(green.scheduler)
            if (try? green.scheduler.start(from: green.stack, arguments: 0, outcome: future)) != nil {
                for _ in 0..<20 { green.loop.runOnce(blocking: false) }
            }
            lua.failAllocations(after: 0)
            green.stack.setTop(0)
            green.loop.runUntilIdle()
            // Greens that wait for one that memory took are ended from outside.
            for worker in green.scheduler.workers where worker.state == .parked {
                green.scheduler.interrupt(worker, .cancelled)
            }
            green.loop.runUntilIdle()
        }
        #expect(try green.run("return wait(green.spawn(function() return 'alive' end))") == "alive")
    }
}
