import Greenhouse
import Testing

extension RunLimitsTests {
    /// What errors of limits tell.
    @Suite struct Telling {
        @Test func aLoopEndsWhenItsProcessorTimeIsOver() throws {
            let (error, log) = try ending("while true do end", cpu)
            #expect(error?.kind == .limit)
            #expect(error?.message == "used up its 0.04 s of the processor")
            #expect(error?.limit == .processorTime(.milliseconds(40)))
            #expect(error?.traceback.contains("t:1") == true)
            #expect(log.isEmpty)
        }

        @Test func theErrorTellsWhichLimitAndHowLargeItWas() throws {
            let late = try ending("require 'green'.sleep(10)", deadline).error
            #expect(late?.message == "took longer than its 0.06 s (the deadline)")
            #expect(late?.limit == .deadline(.milliseconds(60)))
            let long = try ending("while true do end", RunLimits(instructions: 100_000)).error
            #expect(long?.message == "ran its 100000 instructions")
            #expect(long?.limit == .instructions(100_000))
            let large = try ending("local t = {} while true do t[#t + 1] = {} end", RunLimits(memory: 8 << 20)).error
            #expect(large?.message == "not enough memory: the limit is 8 MiB")
            #expect(large?.limit == .memory(8 << 20))
            #expect(large?.traceback.contains("t:1: in main chunk") == true)
        }

        @Test func whatXpcallCaughtTellsWhereEvenInTheMiddleOfAMatch() throws {
            let source = """
                local pattern = ("a?"):rep(40) .. ("a"):rep(40) .. "b"
                local function handler() local found = ("a"):rep(40):match(pattern) return found end
                require "green".call_app(GreenWSGI(handler, nil, function() end), "GET", "/")
                """
            let (_, log) = try ending(source, cpu)
            #expect(log.contains("used up its 0.04 s of the processor"))
            #expect(log.contains("[C]: in method 'match'\n\tt:2: in "))
        }

        @Test func aStackThatMayNotGrowTellsTheMemoryLimit() throws {
            let limits = RunLimits(memory: 8 << 20)
            for source in ["return f()", "coroutine.wrap(f)()", "wait(require 'green'.spawn(f))"] {
                let error = try ending("local function f() return 1 + f() end \(source)", limits).error
                #expect(error?.kind == .memory)
                #expect(error?.limit == .memory(8 << 20))
                #expect(error?.traceback.contains("t:1: in ") == true)
            }
        }

        @Test(arguments: [
            RunLimits(processorTime: .seconds(5), deadline: .milliseconds(60), grace: .milliseconds(300)),
            RunLimits(deadline: .milliseconds(60), instructions: 1_000_000_000, grace: .milliseconds(300)),
        ])
        func whatWasAskedToEndTellsWhatItWasAskedForFirst(limits: RunLimits) throws {
            let error = try ending("while true do pcall(function() while true do end end) end", limits).error
            #expect(error?.kind == .timeout)
            #expect(error?.limit == .deadline(.milliseconds(60)))
        }

        @Test func aTimeoutOfTheScriptIsNoLimit() throws {
            let source = "local green = require 'green' green.timeout(0.01, green.sleep, 10)"
            let error = try ending(source, RunLimits(deadline: .seconds(60))).error
            #expect(error?.message == "timeout")
            #expect(error?.limit == nil)
        }

        @Test func whoWaitsForAGreenTellsItsLimit() throws {
            let source = "local green = require 'green' green.wait(green.spawn(function() while true do end end))"
            let error = try ending(source, cpu).error
            #expect(error?.message == "used up its 0.04 s of the processor")
            #expect(error?.traceback.contains("\nin green 2:\n") == true)
        }
    }
}
