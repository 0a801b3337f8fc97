import EventLoop
import LuaRuntime
import Testing

@testable import Green

@Suite struct GreenPoolTests {
    private func submit(_ source: String, to pool: GreenPool, of green: GreenFixture) throws -> Future {
        try green.scheduler.lua.load(Array(source.utf8), name: "=test")
        let future = Future(green.scheduler)
        try pool.submit(from: green.stack, arguments: 0, outcome: future)
        return future
    }

    @Test func jobsFromSwiftRunAndQueue() throws {
        let green = try GreenFixture()
        let pool = GreenPool(green.scheduler, maxWorkers: 2)
        let futures = try (1...5).map { try submit("green.sleep(1) return \($0)", to: pool, of: green) }
        #expect(pool.workerCount == 2 && pool.idleCount == 0 && pool.queuedCount == 3)
        green.loop.runUntilIdle()
        #expect(try futures.map { try green.text(of: $0) } == ["1", "2", "3", "4", "5"])
        #expect(pool.workerCount == 2 && pool.idleCount == 2 && pool.queuedCount == 0)
    }

    @Test func refusalsAreThrown() throws {
        let green = try GreenFixture()
        let pool = GreenPool(green.scheduler, maxWorkers: 1, queueLimit: 1)
        _ = try submit("", to: pool, of: green)
        _ = try submit("", to: pool, of: green)
        let top = green.stack.top
        let full = #expect(throws: GreenPool.Refusal.self) { _ = try submit("", to: pool, of: green) }
        if case .full(let limit) = full { #expect(limit == 1) } else { Issue.record("expected .full") }
        green.stack.setTop(top)
        green.loop.runUntilIdle()
        let end = pool.shutdown()
        #expect(end.isDone)
        let closed = #expect(throws: GreenPool.Refusal.self) { _ = try submit("", to: pool, of: green) }
        if case .closed = closed {} else { Issue.record("expected .closed") }
    }

    @Test func aPoolWithIdleWorkersGoesAwayWhenNobodyHoldsIt() throws {
        let green = try GreenFixture()
        weak var gone: GreenPool?
        do {
            let pool = GreenPool(green.scheduler)
            gone = pool
            for _ in 0..<3 { _ = try submit("green.sleep(1)", to: pool, of: green) }
            green.loop.runUntilIdle()
            #expect(pool.idleCount == 3)
        }
        #expect(gone == nil)
        #expect(try green.freeWorkerCount() == 3)
    }

    @Test func aPoolHeldByItsRunningJobsGoesAwayAfterThem() throws {
        let green = try GreenFixture()
        weak var gone: GreenPool?
        do {
            let pool = GreenPool(green.scheduler, maxWorkers: 1)
            gone = pool
            for _ in 0..<3 { _ = try submit("count = (count or 0) + 1", to: pool, of: green) }
        }
        #expect(gone != nil)
        green.loop.runUntilIdle()
        #expect(try green.call("return count") == "3")
        #expect(gone == nil)
        #expect(try green.freeWorkerCount() == 1)
    }

    @Test func theEndAskedForOutsideWaitsForAWorkerThatAskedToo() throws {
        let green = try GreenFixture()
        let pool = GreenPool(green.scheduler)
        try green.define("pool", pool, as: GreenPool.definition)
        let asker = try submit("wait(pool:shutdown()) green.sleep(5)", to: pool, of: green)
        green.loop.runOnce(blocking: false)
        let end = pool.shutdown()
        #expect(!end.isDone)
        var wasDone = false
        end.whenDone { _ in wasDone = asker.isDone }
        green.loop.runUntilIdle()
        #expect(end.isDone)
        #expect(wasDone)
    }

    @Test func aLineOfTenThousandCancelledJobsIsPassedOver() throws {
        let green = try GreenFixture()
        let pool = GreenPool(green.scheduler, maxWorkers: 1)
        try green.define("pool", pool, as: GreenPool.definition)
        let text = try green.run(
            """
            local first, futures = pool:submit(green.sleep, 1), {}
            for i = 1, 10000 do futures[i] = pool:submit(error, 'not reached') end
            for i = 1, 10000 do futures[i]:cancel() end
            assert(pool.queued == 0)
            return wait(pool:submit(function() return 'last' end))
            """)
        #expect(text == "last")
        #expect(pool.workerCount == 1 && pool.idleCount == 1)
    }
}
