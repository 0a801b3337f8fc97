import EventLoop
import LuaRuntime
import Testing

@testable import Green

@Suite struct DeadlockReportTests {
    @Test func everyGreenIsNamedWithWhatItWaitsForAndWhere() throws {
        let green = try GreenFixture()
        try green.start(
            """
            lock = GreenLock()
            lock:acquire()
            green.spawn(function() lock:acquire() end)
            green.spawn(function() green.Event():wait() end)
            green.spawn(function() green.Semaphore(0):acquire() end)
            green.spawn(function() green.Queue():get() end)
            green.spawn(function() local q = green.Queue(1) q:put(1)
              q:put(2) end)
            green.spawn(function() green.Condition():wait() end)
            first = green.spawn(function() wait(green.future()) end)
            green.spawn(function() wait(first) end)
            wait(green.future())
            """)
        green.loop.runUntilIdle()
        #expect(green.scheduler.parkedCount == 9)
        let lines = green.scheduler.deadlockReport().split(separator: "\n").map(String.init)
        #expect(lines.first == "deadlock: 9 green(s) wait for something that can never happen:")
        #expect(
            Set(lines.dropFirst()) == [
                "  green 1 waits for a future at test:12",
                "  green 2 waits for GreenLock held by green 1 at test:3",
                "  green 3 waits for an Event at test:4",
                "  green 4 waits for a Semaphore at test:5",
                "  green 5 waits for a value from a Queue at test:6",
                "  green 6 waits for room in a Queue at test:8",
                "  green 7 waits for a Condition at test:9",
                "  green 8 waits for a future at test:10",
                "  green 9 waits for the future of green 8 at test:11",
            ])
    }

    @Test func aGreenThatSleepsIsReportedAsSuch() throws {
        let green = try GreenFixture(clock: .manual)
        try green.start("green.sleep(5)")
        green.loop.runOnce(blocking: false)
        #expect(green.scheduler.waitingReport() == "  green 1 waits for a sleep to end at test:1")
        green.loop.advance(by: .seconds(5))
        green.loop.runOnce(blocking: false)
        #expect(green.scheduler.waitingReport().isEmpty)
        #expect(green.scheduler.parkedCount == 0)
    }
}
