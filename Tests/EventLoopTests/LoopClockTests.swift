import Glibc
import Testing

@testable import EventLoop

@Suite struct LoopClockTests {
    @Test func aSkippingClockJumpsToTheNextTimer() throws {
        let loop = try EventLoop(clock: .skipping)
        let start = MonotonicTime.now()
        var times: [MonotonicTime] = []
        let timer = TestTimer { timer in
            times.append(loop.now)
            if timer.calls < 3 { loop.schedule(timer, at: loop.now + .seconds(3600)) }
        }
        loop.schedule(timer, at: MonotonicTime(nanoseconds: 7))
        loop.runUntilIdle()
        #expect(times.map(\.nanoseconds) == [7, 3_600_000_000_007, 7_200_000_000_007])
        #expect(MonotonicTime.now() - start < .seconds(60))
    }

    @Test func aSkippingClockStandsStillWhileADescriptorIsReady() throws {
        let loop = try EventLoop(clock: .skipping)
        let pipe = try TestPipe()
        pipe.fill()
        var times: [Int64] = []
        let handler = TestHandler { handler, _ in
            times.append(loop.now.nanoseconds)
            if handler.calls == 3 { loop.deregister(handler) }
        }
        try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
        loop.schedule(TestTimer { _ in times.append(loop.now.nanoseconds) }, at: MonotonicTime(nanoseconds: 50))
        loop.runUntilIdle()
        #expect(times == [0, 0, 0, 50])
    }

    @Test func aSkippingClockLetsOffloadedWorkComeFirst() throws {
        let loop = try EventLoop(clock: .skipping)
        var order: [String] = []
        loop.offload({ 1 }, completion: { _ in order.append("work") })
        loop.schedule(TestTimer { _ in order.append("timer") }, at: MonotonicTime(nanoseconds: 3_600_000_000_000))
        loop.runUntilIdle()
        #expect(order == ["work", "timer"])
    }

    @Test func aSkippingClockGoesOnWhileSomebodyHoldsTheLoop() throws {
        let loop = try EventLoop(clock: .skipping)
        loop.addHold()
        // What is held for may itself be waiting for the timer.
        let timer = TestTimer { _ in loop.removeHold() }
        loop.schedule(timer, at: MonotonicTime(nanoseconds: 1_000_000))
        loop.runUntilIdle()
        #expect(timer.calls == 1)
        #expect(loop.now.nanoseconds == 1_000_000)
    }

    @Test func aLoopOnAManualClockSleepsUntilSomebodyMovesIt() throws {
        let loop = try EventLoop(clock: .manual)
        let timer = TestTimer { [unowned loop] _ in loop.stop() }
        loop.schedule(timer, at: MonotonicTime(nanoseconds: 10))
        #expect(
            SystemThread.spawnInheriting("hand") {
                // That the loop does not turn meanwhile gives no event to wait for.
                usleep(10_000)
                loop.execute { loop.advance(by: .nanoseconds(10)) }
            } == 0)
        loop.run()
        #expect(loop.stats.timersFired == 1)
        #expect(loop.stats.turns <= 3)
    }

    @Test func aManualClockStandsStill() throws {
        let loop = try EventLoop(clock: .manual)
        #expect(loop.now.nanoseconds == 0)
        loop.updateNow()
        loop.runOnce(blocking: false)
        #expect(loop.now.nanoseconds == 0)
    }
}
