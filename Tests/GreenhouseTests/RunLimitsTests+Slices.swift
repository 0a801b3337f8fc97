import Glibc
import Greenhouse
import Testing

extension RunLimitsTests {
    /// What greens that compute leave to the others.
    @Suite struct Slices {
        private func slicesBeforeAnOutsider(_ work: String, outsider: String = "seen = slices") throws -> Int? {
            let source = """
                slices, green = 0, require "green"
                local function work() \(work) end
                for _ = 1, 40 do green.spawn(work) end
                """
            let runner = try ScriptRunner()
            let timer = Outsider(runner.scheduler, outsider)
            _ = try runner.run(ScriptFile(source: source, name: "t"), name: "t", arguments: [])
            defer { runner.scheduler.close() }
            return timer.slicesUntilItsTurn
        }

        private let spin = "local a = os.clock() while os.clock() - a < 0.03 do end"

        @Test func greensThatHaveNotBegunDoNotKeepOthersFromTheirTurn() throws {
            #expect(try slicesBeforeAnOutsider("slices = slices + 1 \(spin)") ?? .max < 10)
        }

        @Test func requestsOfOneMomentDoNotKeepALaterOneFromItsTurn() throws {
            let burst = "slices = slices + 1 local a = os.clock() while os.clock() - a < 0.03 do end"
            let runner = try ScriptRunner()
            let timer = Outsider(runner.scheduler, "seen = slices", burst: (burst, 60))
            let source = "slices, green = 0, require 'green' while not seen do green.sleep(0.001) end"
            _ = try runner.run(ScriptFile(source: source, name: "t"), name: "t", arguments: [])
            defer { runner.scheduler.close() }
            #expect(timer.slicesUntilItsTurn ?? .max < 10)
        }

        @Test func hostsOnOneLoopHaveASliceInTurns() async throws {
            let loop = try EventLoop(name: "shared")
            loop.start()
            let good = try await ScriptHost(on: loop)
            let one = try await good.load("return function() return 1 end", name: "one")
            var busy: [ScriptHost] = []
            for _ in 0..<6 {
                let host = try await ScriptHost(on: loop)
                try await host.run("green.spawn(function() while true do end end)", name: "busy")
                busy.append(host)
            }
            // Processor time of the loop, as others are at work, too: a call passes a slice or two, not one of each host.
            try await good.register("used") { () -> Int in
                var time = timespec()
                clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
                return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
            }
            let before = try await good.run("return used()", name: "t", returning: Int.self)
            for _ in 0..<5 { _ = try await good.call(one, returning: Int.self) }
            let used = try await good.run("return used()", name: "t", returning: Int.self) - before
            #expect(used < 6 * 30)
            for host in busy { await host.close() }
            await good.close()
            loop.stop()
            loop.join()
        }

        @Test func greensThatGiveWayAsSoonAsTheirSliceWasOverDoNotEither() throws {
            let work = """
                while not seen do
                  local a = os.clock()
                  repeat local b = os.clock() local gap = b - a a = b until gap > 0.004 or seen
                  slices = slices + 1
                  green.sleep(0)
                end
                """
            #expect(try slicesBeforeAnOutsider(work) ?? .max < 10)
        }

        @Test func aFamilyOfOneThatComputesHasTheShareOfAFamilyOfMany() throws {
            let outsider = "for _ = 1, 3 do \(spin) end seen = slices"
            let work = "for _ = 1, 3 do slices = slices + 1 local a = os.clock() while os.clock() - a < 0.01 do end end"
            // Nine slices of its own, each beside one of the others: not beside 40.
            #expect(try slicesBeforeAnOutsider(work, outsider: outsider) ?? .max < 60)
        }

        @Test func thoseWhoComputeALittleAtATimeLeaveTheTurnToOthers() throws {
            let source = """
                local green = require "green"
                local busy, turns, isOver = 0, 0, false
                for i = 1, 30 do
                  green.spawn(function()
                    while not isOver do
                      for _ = 1, 1000000 do end
                      busy = busy + 1
                      green.sleep(0)
                    end
                  end)
                end
                for i = 1, 40 do green.sleep(0.001) turns = turns + 1 end
                isOver = true
                -- In the order of the line there would be 30 between two turns of this one.
                assert(busy / turns < 20, busy / turns)
                """
            #expect(try ending(source, RunLimits()).error == nil)
        }
    }
}
