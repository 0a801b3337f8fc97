import Testing

@testable import EventLoop

@Suite struct EventLoopTimersTests {
    let loop: EventLoop

    init() throws {
        loop = try EventLoop(clock: .manual)
    }

    private func at(_ nanoseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: nanoseconds)
    }

    @Test func timersFireInOrderAndTiesInOrderOfScheduling() {
        var order: [String] = []
        for (name, time) in [("c", 30), ("a1", 10), ("b", 20), ("a2", 10), ("a3", 10)] as [(String, Int64)] {
            loop.schedule(TestTimer { _ in order.append(name) }, at: at(time))
        }
        loop.advance(by: .nanoseconds(9))
        #expect(order.isEmpty)
        loop.advance(by: .nanoseconds(11))
        #expect(order == ["a1", "a2", "a3", "b"])
        loop.advance(by: .nanoseconds(100))
        #expect(order == ["a1", "a2", "a3", "b", "c"])
        #expect(loop.now == at(120))
        #expect(loop.stats.timersFired == 5)
    }

    @Test func aTimerSeesItsOwnTimeWhileTheClockIsMoved() {
        var times: [Int64] = []
        let timer = TestTimer { [loop] timer in
            times.append(loop.now.nanoseconds)
            loop.schedule(timer, at: loop.now + .nanoseconds(5))
        }
        loop.schedule(timer, at: at(5))
        loop.advance(by: .nanoseconds(17))
        #expect(times == [5, 10, 15])
        #expect(timer.deadline == at(20))
        loop.cancel(timer)
    }

    @Test func reschedulingMovesATimerBehindItsEquals() {
        var order: [Int] = []
        let first = TestTimer { _ in order.append(1) }
        let second = TestTimer { _ in order.append(2) }
        loop.schedule(first, at: at(10))
        loop.schedule(second, at: at(10))
        loop.schedule(first, at: at(10))
        loop.advance(by: .nanoseconds(10))
        #expect(order == [2, 1])
    }

    @Test func aTimerThatReschedulesItselfForNowStarvesNeitherDescriptorsNorTimers() throws {
        let loop = try EventLoop()
        let pipe = try TestPipe()
        pipe.fill()
        let handler = TestHandler()
        try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
        let greedy = TestTimer { loop.schedule($0, at: MonotonicTime(nanoseconds: 0)) }
        let modest = TestTimer()
        loop.schedule(greedy, at: MonotonicTime(nanoseconds: 0))
        loop.schedule(modest, at: loop.now)
        for _ in 0..<3 { loop.runOnce(blocking: true) }
        #expect(greedy.calls == 3)
        #expect(modest.calls == 1)
        #expect(handler.calls == 3)
        loop.cancel(greedy)
    }

    @Test func aTimerThatReschedulesItselfForNowDoesNotHoldUpTheManualClock() {
        let greedy = TestTimer { [loop] in loop.schedule($0, at: loop.now) }
        let modest = TestTimer()
        loop.schedule(greedy, at: at(1))
        loop.schedule(modest, at: at(50))
        loop.advance(by: .nanoseconds(100))
        #expect(modest.calls == 1)
        #expect(loop.now == at(100))
        loop.cancel(greedy)
    }

    @Test func timersCanBeCancelledWhileOthersFire() {
        let victim = TestTimer()
        let later = TestTimer()
        let killer = TestTimer { [loop] killer in
            loop.cancel(victim)
            loop.cancel(later)
            loop.cancel(killer)
        }
        loop.schedule(killer, at: at(10))
        loop.schedule(victim, at: at(10))
        loop.schedule(later, at: at(11))
        loop.advance(by: .nanoseconds(20))
        #expect(victim.calls == 0 && later.calls == 0 && killer.calls == 1)
        #expect(!loop.hasPendingWork)
    }

    @Test func timersAreRetainedWhileScheduledOnly() {
        weak var fired: TestTimer?
        weak var cancelled: TestTimer?
        do {
            let timer = TestTimer()
            fired = timer
            loop.schedule(timer, at: at(1))
            let other = TestTimer()
            cancelled = other
            loop.schedule(other, at: at(2))
        }
        #expect(fired != nil && cancelled != nil)
        if let cancelled { loop.cancel(cancelled) }
        #expect(cancelled == nil)
        loop.advance(by: .nanoseconds(1))
        #expect(fired == nil)
    }

    @Test func aTimerMayScheduleFromItsDeinit() {
        final class Parting: LoopTimer {
            let heir: LoopTimer
            let loop: EventLoop

            init(heir: LoopTimer, loop: EventLoop) {
                self.heir = heir
                self.loop = loop
                super.init()
            }

            deinit {
                loop.schedule(heir, at: MonotonicTime(nanoseconds: 5))
            }
        }
        let heir = TestTimer()
        loop.schedule(Parting(heir: heir, loop: loop), at: at(1))
        loop.advance(by: .nanoseconds(5))
        #expect(heir.calls == 1)
    }

    @Test func aTimerNeverFiresEarlyOnTheRealClock() throws {
        let loop = try EventLoop()
        var lateness: [Duration] = []
        for delay in [0, 1, 30_000, 1_000_000, 2_500_000] as [Int64] {
            let deadline = loop.now.advanced(byNanoseconds: delay)
            loop.schedule(TestTimer { _ in lateness.append(MonotonicTime.now() - deadline) }, at: deadline)
            loop.runUntilIdle()
        }
        #expect(lateness.count == 5)
        #expect(lateness.allSatisfy { $0 >= .zero })
    }

    @Test func theLoopWakesForATimerAndNotBefore() throws {
        let loop = try EventLoop()
        let timer = TestTimer()
        loop.schedule(timer, at: loop.now + .milliseconds(3))
        loop.runUntilIdle()
        #expect(timer.calls == 1)
        #expect(loop.stats.turns == 1)
        #expect(loop.stats.wakeUps == 1)
    }

    @Test func theTimeStandsStillWithinATurnUntilItIsUpdated() throws {
        let loop = try EventLoop()
        let task = TestTask { _ in
            let before = loop.now
            let start = MonotonicTime.now()
            while MonotonicTime.now() == start {}
            #expect(loop.now == before)
            loop.updateNow()
            #expect(loop.now > before)
        }
        loop.enqueue(task)
        loop.runUntilIdle()
        #expect(task.calls == 1)
    }

    @Test func theNextDeadlineIsForPollingFromOutside() {
        #expect(loop.nextDeadline == .distantFuture)
        let timer = TestTimer()
        loop.schedule(timer, at: at(10))
        #expect(loop.nextDeadline == at(10))
        loop.enqueue(TestTask())
        #expect(loop.nextDeadline == loop.now)
        loop.runOnce(blocking: false)
        #expect(loop.nextDeadline == at(10))
        loop.cancel(timer)
    }
}
