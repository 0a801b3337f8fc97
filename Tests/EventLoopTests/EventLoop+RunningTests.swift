import Glibc
import Synchronization
import Testing

@testable import EventLoop

@Suite struct EventLoopRunningTests {
    @Test func stopEndsTheRunAfterEveryJobAddedBefore() throws {
        let loop = try EventLoop()
        let ran = TestShared<[Int]>([])
        for number in 0..<10 { loop.execute { ran.withLock { $0.append(number) } } }
        loop.stop()
        loop.stop()
        loop.run()
        #expect(ran.withLock { $0 } == Array(0..<10))
        #expect(loop.stats.turns == 1)
        #expect(loop.stats.jobsRun == 10)
    }

    @Test func aLoopCanRunAgainAndKeepsWhatCameMeanwhile() throws {
        let loop = try EventLoop()
        loop.stop()
        loop.run()
        let ran = Atomic(false)
        loop.execute {
            ran.store(true, ordering: .relaxed)
            loop.stop()
        }
        #expect(loop.stats.jobsRun == 0)
        loop.run()
        let hasRun = ran.load(ordering: .relaxed)
        #expect(hasRun)
    }

    @Test func stopFromATaskEndsTheRun() throws {
        let loop = try EventLoop()
        let task = TestTask { [unowned loop] task in
            loop.enqueue(task)
            if task.calls == 5 { loop.stop() }
        }
        loop.enqueue(task)
        loop.run()
        #expect(task.calls == 6, "the turn that finds the stop is made whole")
    }

    @Test func stopFromAnotherThreadWakesASleepingLoop() throws {
        let loop = try EventLoop()
        for _ in 0..<20 {
            loop.start()
            loop.stop()
            loop.join()
        }
        #expect(loop.stats.turns >= 20)
        loop.join()
    }

    @Test func anIdleLoopMakesNoTurns() throws {
        let loop = try EventLoop(name: "a name that is longer than fifteen bytes")
        loop.start()
        let turns = TestShared<[Int]>([])
        for expected in 1...2 {
            loop.execute { turns.withLock { $0.append(loop.stats.turns) } }
            turns.wait { $0.count == expected }
            // That nothing happens gives no event to wait for: this is the time in which nothing is to happen.
            usleep(30_000)
        }
        loop.stop()
        loop.join()
        let seen = turns.withLock { $0 }
        #expect(seen[1] == seen[0] + 1)
    }

    @Test func runUntilIdleEndsWhenNothingIsLeft() throws {
        let loop = try EventLoop()
        let pipe = try TestPipe()
        let handler = TestHandler { [loop] handler, _ in loop.deregister(handler) }
        try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
        let timer = TestTimer { _ in pipe.fill() }
        loop.schedule(timer, at: loop.now + .microseconds(100))
        loop.runUntilIdle()
        #expect(timer.calls == 1 && handler.calls == 1)
    }

    @Test func runUntilIdleDoesNotWaitForAManualClock() throws {
        let loop = try EventLoop(clock: .manual)
        let due = TestTimer()
        let future = TestTimer()
        loop.schedule(due, at: loop.now)
        loop.schedule(future, at: loop.now + .seconds(1))
        loop.runUntilIdle()
        #expect(due.calls == 1 && future.calls == 0)
        loop.cancel(future)
    }

    @Test func runUntilIdleCanBeStopped() throws {
        let loop = try EventLoop()
        loop.addHold()
        loop.stop()
        loop.runUntilIdle()
        #expect(loop.hasPendingWork)
        loop.removeHold()
    }

    @Test func onIdleIsToldWhenNothingCanWakeTheLoopAndMayAddWork() throws {
        let loop = try EventLoop()
        var calls = 0
        let task = TestTask()
        loop.onIdle = { [unowned loop] in
            calls += 1
            if calls < 3 { loop.enqueue(task) } else { loop.stop() }
        }
        loop.run()
        #expect(calls == 3)
        #expect(task.calls == 2)

        calls = 2
        loop.onIdle = { calls += 1 }
        loop.runUntilIdle()
        #expect(calls == 3)
    }

    @Test func onIdleIsNotToldWhileWorkIsPending() throws {
        let loop = try EventLoop()
        var calls = 0
        loop.onIdle = { calls += 1 }
        loop.schedule(TestTimer { [unowned loop] _ in loop.stop() }, at: loop.now + .microseconds(200))
        loop.run()
        #expect(calls == 0)
        #expect(loop.stats.timersFired == 1)
    }

    @Test func aLoopCanBePolledFromOutside() throws {
        let loop = try EventLoop()
        var entry = pollfd(fd: loop.epollDescriptor, events: Int16(POLLIN), revents: 0)
        #expect(poll(&entry, 1, 0) == 0)
        loop.execute {}
        #expect(poll(&entry, 1, 0) == 1)
        loop.runOnce(blocking: false)
        #expect(loop.stats.jobsRun == 1)
        #expect(poll(&entry, 1, 0) == 0)
        // A job added by the turn itself makes the set readable again when the loop is left.
        loop.execute { loop.execute {} }
        loop.runOnce(blocking: false)
        #expect(poll(&entry, 1, 0) == 1)
        loop.runOnce(blocking: false)
        #expect(loop.stats.jobsRun == 3)
    }
}
