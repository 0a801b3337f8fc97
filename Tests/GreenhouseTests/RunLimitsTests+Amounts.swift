import Greenhouse
import Testing

extension RunLimitsTests {
    /// What the other limits count.
    @Suite struct Amounts {
        @Test func limitsThatLetNothingRunAreRefused() {
            for (limits, part) in [
                (RunLimits(slice: .nanoseconds(1)), "slice is 1e-09 seconds: expected zero for none, or 1 µs at least"),
                (RunLimits(slice: .milliseconds(-1)), "slice is -0.001 seconds: expected none, or a time from zero up"),
                (RunLimits(processorTime: .zero), "processorTime is 0.0 seconds: expected nil for no limit"),
                (RunLimits(deadline: .seconds(-5)), "deadline is -5.0 seconds"),
                (RunLimits(grace: .seconds(-1)), "grace is -1.0 seconds"),
                (RunLimits(memory: 0), "memory is 0: expected nil for no limit, or a number from 1 up"),
                (RunLimits(instructions: -1), "instructions is -1"), (RunLimits(greens: 0), "greens is 0"),
                (RunLimits(queue: -1), "queue is -1"),
            ] {
                let error = #expect(throws: LuaError.self) { try ScriptRunner(limits: limits) }
                #expect(error?.message.hasPrefix("RunLimits: \(part)") == true, "\(error?.message ?? "")")
            }
        }

        @Test func aDeadlineEndsWaitsAndLoops() throws {
            #expect(try ending("require 'green'.sleep(100)", deadline).error?.kind == .timeout)
            #expect(try ending("while true do end", deadline).error?.kind == .timeout)
            #expect(
                try ending("while true do pcall(require 'green'.sleep, 0.01) end", deadline).error?.kind == .timeout)
        }

        @Test func withoutSlicesADeadlineEndsLoopsToo() throws {
            let limits = RunLimits(slice: .zero, deadline: .milliseconds(60))
            #expect(try ending("while true do end", limits).error?.kind == .timeout)
            let scoped = "require 'green'.timeout(0.05, function() while true do end end)"
            #expect(try ending(scoped, RunLimits(slice: .zero)).error?.kind == .timeout)
        }

        @Test func instructionsAreCounted() throws {
            let limits = RunLimits(instructions: 100_000)
            #expect(try ending("for i = 1, 10000 do end", limits).error == nil)
            #expect(try ending("while true do end", limits).error?.kind == .limit)
            #expect(try ending("coroutine.wrap(function() while true do end end)()", limits).error?.kind == .limit)
            #expect(
                try ending("while true do pcall(function() while true do end end) end", limits).error?.kind == .limit)
        }

        @Test func instructionsRunOutAtTheSamePlaceEachTime() throws {
            let source = "n = 0 pcall(function() while true do n = n + 1 end end) error(n, 0)"
            let limits = RunLimits(slice: .zero, instructions: 200_000)
            let first = try ending(source, limits).error?.message
            #expect(first == (try ending(source, limits).error?.message))
            #expect(first.flatMap { Int($0) }.map { (30_000..<100_000).contains($0) } == true)
        }

        @Test func aPoolsLineIsAsLongAsTheHostAllows() throws {
            let source = """
                local green = require "green"
                local pool = GreenPool(1)
                for i = 1, 3 do pool:submit(green.sleep, 0.01) end
                """
            #expect(try ending(source, RunLimits(queue: 2)).error == nil)
            #expect(try ending(source, RunLimits(queue: 1)).error?.message.contains("queue is full") == true)
        }
    }
}
