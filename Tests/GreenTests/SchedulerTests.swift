import EventLoop
import Glibc
import LuaRuntime
import Testing

@testable import Green

/// Does something when its time has come.
private final class Alarm: LoopTimer {
    private let action: () -> Void

    init(_ action: @escaping () -> Void) { self.action = action }

    override func fire() { action() }
}

@Suite struct SchedulerTests {
    @Test func greensRunInTheOrderTheyWereStarted() throws {
        let green = try GreenFixture()
        try green.call("order = ''")
        for digit in 1...5 { try green.start("order = order .. \(digit)") }
        #expect(green.scheduler.liveCount == 5)
        #expect(try green.call("return order") == "")
        green.loop.runUntilIdle()
        #expect(try green.call("return order") == "12345")
        #expect(green.scheduler.liveCount == 0)
    }

    @Test func aGreenCanBeRunWithoutWaitingForItsTurn() throws {
        let green = try GreenFixture()
        let future = try green.start("return 'at once'", now: true)
        #expect(future.isDone)
        #expect(try green.text(of: future) == "at once")
        green.loop.runUntilIdle()
        // Behind others it keeps its place.
        let first = try green.start("return 1")
        let second = try green.start("return 2", now: true)
        #expect(!second.isDone)
        green.loop.runUntilIdle()
        #expect(first.isDone && second.isDone)
    }

    @Test func readyGreensAreBoundedPerTurn() throws {
        let green = try GreenFixture()
        let count = Scheduler.resumptionsPerTurn * 3
        for _ in 0..<count { try green.start("done = (done or 0) + 1") }
        green.loop.runOnce(blocking: false)
        #expect(try green.call("return done") == "\(Scheduler.resumptionsPerTurn)")
        green.loop.runOnce(blocking: false)
        #expect(try green.call("return done") == "\(Scheduler.resumptionsPerTurn * 2)")
        green.loop.runUntilIdle()
        #expect(try green.call("return done") == "\(count)")
    }

    @Test func aWakeBeforeATimeoutInTheSameTurnIsNoTimeout() throws {
        let green = try GreenFixture()
        let event = Event(green.scheduler)
        try green.define("event", event, as: Event.definition)
        let alarm = Alarm { event.set() }
        green.loop.schedule(alarm, at: green.loop.now + .seconds(2))
        #expect(try green.run("return tostring(event:wait(2))") == "true")
    }

    @Test func aTimeoutBeforeAWakeInTheSameTurnIsATimeout() throws {
        let green = try GreenFixture()
        let semaphore = Semaphore(green.scheduler, count: 0)
        try green.define("semaphore", semaphore, as: Semaphore.definition)
        let future = try green.start("return select(2, semaphore:acquire(2))")
        green.loop.runOnce(blocking: false)
        let alarm = Alarm { semaphore.release() }
        green.loop.schedule(alarm, at: green.loop.now + .seconds(2))
        green.loop.runUntilIdle()
        #expect(try green.text(of: future) == "timeout")
        #expect(semaphore.count == 1)
    }

    @Test func aDeadlineBetweenAWakeAndItsTurnIsDroppedWithItsScope() throws {
        let green = try GreenFixture()
        let event = Event(green.scheduler)
        try green.define("event", event, as: Event.definition)
        let alarm = Alarm { event.set() }
        green.loop.schedule(alarm, at: green.loop.now + .seconds(2))
        // The inner scope's time is up when the green is ready again, and the scope ends without another wait.
        let source = """
            return green.timeout(10, function()
              local inner = tostring(green.timeout(2, function() return event:wait() end))
              green.sleep(1)
              return inner .. ' and on'
            end)
            """
        #expect(try green.run(source) == "true and on")
    }

    @Test func aDeadlineBetweenAWakeAndItsTurnIsDroppedWithAFailedScope() throws {
        let green = try GreenFixture()
        let event = Event(green.scheduler)
        try green.define("event", event, as: Event.definition)
        let alarm = Alarm { event.set() }
        green.loop.schedule(alarm, at: green.loop.now + .seconds(2))
        let source = """
            local ok, err = pcall(green.timeout, 2, function()
              event:wait()
              error('own', 0)
            end)
            green.sleep(1)
            return err
            """
        #expect(try green.run(source) == "own")
    }

    @Test func anOuterDeadlineOutlivesTheInnerScope() throws {
        let green = try GreenFixture()
        let event = Event(green.scheduler)
        try green.define("event", event, as: Event.definition)
        let alarm = Alarm { event.set() }
        green.loop.schedule(alarm, at: green.loop.now + .seconds(2))
        // Both scopes' times are up while the green is ready: leaving the inner one must not lose the outer's.
        let source = """
            local ok, err = pcall(green.timeout, 2, function()
              green.timeout(2, function() event:wait() end)
              green.sleep(1)
              return 'not reached'
            end)
            return err == green.timed_out
            """
        #expect(try green.run(source) == "true")
    }

    @Test func manyArgumentsReachTheGreen() throws {
        let green = try GreenFixture()
        let text = try green.run(
            """
            local list = {}
            for i = 1, 5000 do list[i] = i end
            return wait(green.spawn(function(...) return select('#', ...) + select(5000, ...) end, table.unpack(list)))
            """)
        #expect(text == "10000")
    }

    // MARK: Closing

    @Test func closingLetsGoOfGreensThatWait() throws {
        weak var scheduler: Scheduler?
        do {
            let green = try GreenFixture()
            scheduler = green.scheduler
            try green.start(
                """
                local pool, lock, queue = GreenPool(2), GreenLock(), green.Queue(1)
                lock:acquire()
                for i = 1, 5 do pool:submit(function() lock:acquire() end) end
                green.spawn(green.sleep, 100)
                green.spawn(green.timeout, 50, green.sleep, 100)
                green.spawn(wait, green.future())
                green.spawn(green.gather, green.future(), green.future())
                green.spawn(queue.get, queue)
                green.spawn(function() local c = green.Condition() c:wait(20) end)
                pool:shutdown()
                green.future():add_done_callback(print)
                green.Event():wait()
                """)
            for _ in 0..<3 { green.loop.runOnce(blocking: false) }
            #expect(green.scheduler.parkedCount == 9)
            green.scheduler.close()
            // No timer of theirs is left, and nothing that could resume them.
            #expect(!green.loop.hasPendingWork)
            green.loop.runUntilIdle()
        }
        #expect(scheduler == nil)
    }

    @Test func closingTwiceIsClosingOnce() throws {
        let green = try GreenFixture()
        green.scheduler.close()
        green.scheduler.close()
    }

    @Test func closingWithGreensThatAreReadyNeverRunsThem() throws {
        weak var scheduler: Scheduler?
        do {
            let green = try GreenFixture()
            scheduler = green.scheduler
            for _ in 0..<100 { try green.start("error('not reached')") }
            green.scheduler.close()
            green.loop.runUntilIdle()
            #expect(green.logged.isEmpty)
        }
        #expect(scheduler == nil)
    }

    @Test func closingWithVeryManyReadyGreensDoesNotRecurse() throws {
        let green = try GreenFixture()
        try green.call("for i = 1, 100000 do green.spawn(print) end")
        green.scheduler.close()
        green.loop.runUntilIdle()
    }

    @Test func aGreenStartedByAFinalizerWhileClosingNeverRuns() throws {
        let green = try GreenFixture()
        try green.call(
            """
            setmetatable({}, { __gc = function()
              green.spawn(function() error('not reached') end)
              GreenPool():submit(error, 'not reached')
              GreenLock()
            end })
            """)
        green.scheduler.close()
        green.loop.runUntilIdle()
        // It is told why; nothing of what it started is.
        #expect(green.logged.count == 1)
        #expect(green.logged.first?.contains("the Lua state is closing") == true)
    }

    @Test func whatAFinalizerMakesWhileClosingKeepsNothingAlive() throws {
        weak var scheduler: Scheduler?
        do {
            let green = try GreenFixture()
            scheduler = green.scheduler
            try green.call("setmetatable({}, { __gc = function() kept = green.future() end })")
            green.scheduler.close()
        }
        #expect(scheduler == nil)
    }

    /// Keeps the thread for 30 ms, without telling the loop what time it is.
    private static let compute = Native("compute") { _ in
        usleep(30_000)
        return 0
    }

    @Test func aSleepAfterALongComputationIsCountedFromItsOwnBeginning() throws {
        let green = try GreenFixture(clock: .monotonic)
        green.stack.pushGlobals()
        try green.stack.push(Self.compute)
        try green.stack.setField("compute", of: -2)
        green.stack.pop()
        let slept = try green.run(
            """
            local began = green.now()
            compute()
            green.sleep(0.02)
            return green.now() - began >= 0.05
            """)
        #expect(slept == "true")
    }

    @Test func theLoopGoesOnAfterClosing() throws {
        let loop = try EventLoop(clock: .skipping)
        var ran = false
        do {
            let scheduler = try Scheduler(loop: loop)
            try scheduler.lua.load(Array("require('green').sleep(5)".utf8), name: "=test")
            try scheduler.start(from: scheduler.lua.main, arguments: 0, outcome: Outcome())
            loop.runOnce(blocking: false)
            scheduler.close()
        }
        let alarm = Alarm { ran = true }
        loop.schedule(alarm, at: loop.now + .seconds(10))
        loop.runUntilIdle()
        #expect(ran)
    }

    @Test func aFutureMayOutliveItsScheduler() throws {
        var future: Future?
        do {
            let green = try GreenFixture()
            future = try green.start("return {}")
            green.loop.runUntilIdle()
        }
        #expect(future?.isDone == true)
        future = nil
    }
}
