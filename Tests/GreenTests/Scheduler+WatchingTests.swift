import EventLoop
import Glibc
import LuaRuntime
import Testing

@testable import Green

/// Runs that keep their loop; what Lua sees of the rest is in Tests/Scripts/warn.lua, list.lua and tracebacks.lua.
@Suite(.serialized) struct SchedulerWatchingTests {
    /// Blocks the thread in a call that a signal would cut short.
    private static let block = Native("block") { _ in
        var span = timespec(tv_sec: 0, tv_nsec: 400_000_000)
        var left = timespec()
        while nanosleep(&span, &left) != 0 {
            interruptions.value += 1
            span = left
        }
        return 0
    }

    /// Safety: of the tests' own thread; they run one after another.
    private final class Count: @unchecked Sendable {
        var value = 0
    }

    private static let interruptions = Count()

    private func fixture(blockedAfter: Duration?) throws -> GreenFixture {
        let green = try GreenFixture(clock: .monotonic, blockedAfter: blockedAfter)
        green.stack.pushGlobals()
        try green.stack.push(Self.block)
        try green.stack.setField("block", of: -2)
        green.stack.pop()
        return green
    }

    @Test func aCallThatBlocksIsReportedOnceWithItsCaller() throws {
        let green = try fixture(blockedAfter: .milliseconds(10))
        try green.run(
            """
            local function culprit()
              local ok = os.execute("sleep 0.4")
              return ok
            end
            wait(green.spawn(function()
              local done = coroutine.wrap(function() return culprit() or true end)()
              green.sleep(0)
              return done
            end))
            """)
        #expect(green.logged.count == 1, "\(green.logged)")
        let report = green.logged.first ?? ""
        #expect(report.hasPrefix("green 2 blocked its loop for 0."))
        #expect(report.contains("test:2: in ") || report.contains("test:3: in "), "\(report)")
        #expect(report.contains("'culprit'"))
        #expect(report.contains("resumed by:"))
        #expect(report.contains("spawned by green 1 (function defined at test:5)"))
    }

    @Test func aCallThatASignalWouldCutShortIsReportedAtTheEndOfTheRun() throws {
        let green = try fixture(blockedAfter: .milliseconds(10))
        let before = Self.interruptions.value
        let future = try green.start("block() green.sleep(0) return 'went on'")
        green.loop.runUntilIdle()
        #expect(try green.text(of: future) == "went on")
        #expect(green.logged.count == 1, "\(green.logged)")
        #expect(green.logged.first?.hasPrefix("green 1 blocked its loop for 0.") == true)
        #expect(green.logged.first?.contains("test:1: in") == true)
        #expect(Self.interruptions.value == before)
    }

    @Test func aGreenThatBlockedAndEndedIsStillNamed() throws {
        let green = try fixture(blockedAfter: .milliseconds(10))
        try green.run("return block()")
        #expect(green.logged.count == 1)
        #expect(green.logged.first?.hasPrefix("green 1 blocked its loop for 0.") == true)
    }

    @Test func whatSwiftCallsIsReportedToo() throws {
        let green = try fixture(blockedAfter: .milliseconds(10))
        try green.call("block() return 1")
        #expect(green.logged.count == 1)
        #expect(green.logged.first?.hasPrefix("a call from Swift blocked its loop for 0.") == true)
    }

    @Test func eachBlockIsReported() throws {
        let green = try fixture(blockedAfter: .milliseconds(10))
        try green.run("block() green.sleep(0) block() green.sleep(0)")
        #expect(green.logged.count == 2)
    }

    @Test func withoutALimitNothingIsReported() throws {
        let green = try fixture(blockedAfter: nil)
        try green.run("block()")
        #expect(green.logged.isEmpty)
    }

    @Test func spawnSitesAreRecordedWhenAskedFor() throws {
        let green = try GreenFixture()
        green.scheduler.recordsSpawnSites = true
        let text = try green.run(
            """
            local function start()
              return green.spawn(function() green.sleep(1) end)
            end
            start()
            green.sleep(0)
            return green.list()[2].spawned .. '\\n' .. green.list { traceback = true }[2].traceback
            """)
        #expect(text.hasPrefix("test:2\n"))
        #expect(text.hasSuffix("spawned by green 1 at test:2 (function defined at test:2)"))
    }

    @Test func theReportNamesEveryGreen() throws {
        let green = try GreenFixture(clock: .manual)
        try green.start("green.spawn(function()\n  green.Event():wait()\nend) green.sleep(10)")
        green.loop.runOnce(blocking: false)
        green.loop.runOnce(blocking: false)
        green.loop.advance(by: .milliseconds(1250))
        let lines = green.scheduler.greensReport().split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("2 green(s), ") == true)
        #expect(
            lines.contains(
                "green 1 waits for a sleep to end at test:3, since 1.25 s; used 0.00 s of the processor; "
                    + "function defined at test"), "\(lines)")
        #expect(
            lines.contains(
                "green 2 waits for an Event at test:2, since 1.25 s; used 0.00 s of the processor; "
                    + "function defined at test:1, spawned by green 1"), "\(lines)")
    }
}
