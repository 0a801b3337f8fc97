import Glibc
import Greenhouse
import Testing

/// What greens may use: scripts that take more, and how they end.
@Suite(.serialized) struct RunLimitsTests {
    /// How a script ends that runs within limits.
    private func ending(_ source: String, _ limits: RunLimits) throws -> (error: LuaError?, log: String) {
        let runner = try ScriptRunner(limits: limits)
        let log = Log()
        runner.scheduler.log = { log.lines.append($0) }
        let ending = try runner.run(ScriptFile(source: source, name: "t"), name: "t", arguments: [])
        runner.scheduler.close()
        switch ending {
        case .succeeded: return (nil, log.text)
        case .failed(let error): return (error, log.text)
        case .deadlock(let report): throw LuaError(.runtime, report)
        }
    }

    private final class Log {
        var lines: [String] = []
        var text: String { lines.joined(separator: "\n") }
    }

    private let cpu = RunLimits(processorTime: .milliseconds(40), grace: .milliseconds(100))
    private let deadline = RunLimits(deadline: .milliseconds(60), grace: .milliseconds(100))

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

    @Test func memoryOfDeepRecursionsIsGivenBack() async throws {
        try await withHost(limits: RunLimits(memory: 16 << 20)) { (host: ScriptHost) async throws in
            let bomb = "local function f() return 1 + f() end for _ = 1, 4 do green.spawn(f) end f()"
            for _ in 1...3 {
                _ = await luaError { () throws(LuaError) in try await host.run(bomb, name: "bomb") }
            }
            // Some calls may find that nothing is left, while the others go on; then the next one does not. How soon depends
            // on how long a collection takes: it may take a tenth of the time.
            var isGivenBack = false
            let end = ContinuousClock.now + .seconds(60)
            while !isGivenBack, .now < end {
                isGivenBack = await luaError { () throws(LuaError) in try await host.run("", name: "next") } == nil
            }
            #expect(isGivenBack)
        }
    }

    /// Starts a green of another family once some of a script's greens have had a slice, and notes how many have had one
    /// until its turn came.
    private final class Outsider: LoopTimer {
        let scheduler: Scheduler
        let chunk: [UInt8]
        private var before: Int?
        /// Started in the same moment, each a family of its own, as requests are.
        private var burst: (source: String, count: Int)?

        init(_ scheduler: Scheduler, _ source: String, burst: (source: String, count: Int)? = nil) {
            self.scheduler = scheduler
            chunk = Array(source.utf8)
            self.burst = burst
            super.init()
            scheduler.loop.schedule(self, at: scheduler.loop.now)
        }

        private func start(_ chunk: [UInt8]) {
            guard (try? scheduler.lua.load(chunk, name: "=outsider")) != nil else { return }
            _ = try? scheduler.start(from: scheduler.lua.main, arguments: 0, outcome: Outcome())
        }

        func number(_ name: String) -> Int? {
            let stack = scheduler.lua.main
            let top = stack.top
            defer { stack.setTop(top) }
            stack.pushGlobals()
            guard (try? stack.pushField(name, of: -1)) != nil else { return nil }
            return stack.integer(at: -1)
        }

        override func fire() {
            guard before == nil else { return }
            if let burst { for _ in 0..<burst.count { start(Array(burst.source.utf8)) } }
            burst = nil
            if let slices = number("slices"), slices >= 2 {
                before = slices
                start(chunk)
            } else {
                scheduler.loop.schedule(self, at: scheduler.loop.now)
            }
        }

        var slicesUntilItsTurn: Int? {
            guard let before, let seen = number("seen") else { return nil }
            return seen - before
        }
    }

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

    @Test func aSecondCancellationStopsWhatIsBeingClosed() throws {
        let source = """
            local green = require "green"
            local f = green.spawn(function()
              local _ <close> = setmetatable({}, {__close = function() green.sleep(1e6) end})
              green.sleep(1e6)
            end)
            green.sleep(0) f:cancel() green.sleep(0) assert(not f:done())
            f:cancel() pcall(wait, f) assert(f:cancelled())
            """
        let (error, log) = try ending(source, RunLimits())
        #expect(error == nil)
        #expect(log.contains("green 2 was stopped: it was cancelled, and went on"))
    }

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

    @Test func theErrorOfALimitCanBeCaughtOnceForCleaningUp() throws {
        let source = """
            local green = require "green"
            local ok, err = pcall(function() while true do end end)
            assert(err == green.out_of_time and err.kind == "limit", tostring(err))
            """
        #expect(try ending(source, cpu).error == nil)
    }

    @Test func whatSwallowsTheErrorIsStopped() throws {
        let (error, log) = try ending("while true do pcall(function() while true do end end) end", cpu)
        #expect(error?.kind == .limit)
        #expect(
            log.contains("green 1 was stopped: it used up its 0.04 s of the processor, and went on\nstack traceback:")
        )
    }

    @Test func aSwallowerInCoroutinesIsStopped() throws {
        let source = """
            local function swallow()
              while true do coroutine.resume(coroutine.create(function() while true do end end)) end
            end
            while true do pcall(coroutine.wrap(swallow)) end
            """
        #expect(try ending(source, cpu).error?.kind == .limit)
    }

    @Test func whatCannotGiveWayIsStoppedToo() throws {
        let source = """
            local function spin() while true do end end
            while true do xpcall(error, spin) end
            """
        #expect(try ending(source, cpu).error?.kind == .limit)
        #expect(try ending(source, deadline).error?.kind == .timeout)
    }

    @Test func aCloserThatSpinsInCoroutineCloseIsStopped() throws {
        let source = """
            local co = coroutine.wrap(function()
              local co = coroutine.create(function()
                local x <close> = setmetatable({}, {__close = function() while true do end end})
                coroutine.yield()
              end)
              coroutine.resume(co)
              while true do pcall(coroutine.close, co) end
            end)
            co()
            """
        #expect(try ending(source, cpu).error?.kind == .limit)
    }

    @Test func aDeadlineEndsWaitsAndLoops() throws {
        #expect(try ending("require 'green'.sleep(100)", deadline).error?.kind == .timeout)
        #expect(try ending("while true do end", deadline).error?.kind == .timeout)
        #expect(try ending("while true do pcall(require 'green'.sleep, 0.01) end", deadline).error?.kind == .timeout)
    }

    @Test func withoutSlicesADeadlineEndsLoopsToo() throws {
        let limits = RunLimits(slice: .zero, deadline: .milliseconds(60))
        #expect(try ending("while true do end", limits).error?.kind == .timeout)
        let scoped = "require 'green'.timeout(0.05, function() while true do end end)"
        #expect(try ending(scoped, RunLimits(slice: .zero)).error?.kind == .timeout)
    }

    @Test(arguments: [
        RunLimits(processorTime: .milliseconds(40), grace: .milliseconds(100)),
        RunLimits(deadline: .milliseconds(100), grace: .milliseconds(100)),
    ])
    func noScriptOutlivesItsLimitsByStartingItsSuccessor(limits: RunLimits) throws {
        let direct = "local green = require 'green' local function f() green.spawn(f) end f()"
        #expect(try ending(direct, limits).error == nil)
        let inLine = """
            local pool = GreenPool(1)
            local function f() pool:submit(f) pool:submit(f) end
            f()
            """
        #expect(try ending(inLine, limits).error == nil)
        let whileCleaningUp = """
            local green = require 'green'
            local function f() pcall(function() while true do green.sleep(0.001) end end) green.spawn(f) end
            f()
            """
        var limits = limits
        limits.deadline = .milliseconds(50)
        _ = try ending(whileCleaningUp, limits)
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

    @Test func instructionsAreCounted() throws {
        let limits = RunLimits(instructions: 100_000)
        #expect(try ending("for i = 1, 10000 do end", limits).error == nil)
        #expect(try ending("while true do end", limits).error?.kind == .limit)
        #expect(try ending("coroutine.wrap(function() while true do end end)()", limits).error?.kind == .limit)
        #expect(try ending("while true do pcall(function() while true do end end) end", limits).error?.kind == .limit)
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

    @Test func aChainOfGreensNeedsNoMoreMemoryThanALink() throws {
        let source = """
            local green = require "green"
            local n, done = 0, green.Event()
            local function f()
              n = n + 1
              if n < 300000 then green.spawn(f) else done:set() end
            end
            f()
            done:wait()
            assert(collectgarbage "count" < 2000, collectgarbage "count")
            """
        #expect(try ending(source, RunLimits()).error == nil)
    }

    @Test func afterTheLimitWhatHasFinalizersGivesItsMemoryBack() throws {
        let source = """
            local green = require "green"
            pcall(function() local list = {} while true do list[#list + 1] = green.Event() end end)
            for _ = 1, 500 do
              green.sleep(0.01)
              if green.info().lua_memory < 1 << 20 then break end
            end
            local ok, err = pcall(string.rep, "x", 2 << 20)
            assert(ok, err)
            """
        #expect(try ending(source, RunLimits(memory: 5 << 20)).error == nil)
    }

    @Test func moreMemoryThanAllowedIsAnErrorThatCanBeCaught() throws {
        let source = """
            local ok, err = pcall(string.rep, "x", 1 << 30)
            assert(not ok and err == "not enough memory", err)
            local t = {}
            local ok, err = pcall(function() while true do t[#t + 1] = {} end end)
            assert(not ok and err == "not enough memory", err)
            t = nil
            """
        #expect(try ending(source, RunLimits(memory: 8 << 20)).error?.description == nil)
    }

    @Test func neighboursGoOnWhileAGreenIsStopped() throws {
        let source = """
            local green = require "green"
            local hog = green.spawn(function() while true do pcall(function() while true do end end) end end)
            local beats = 0
            while not hog:done() do green.sleep(0.001) beats = beats + 1 end
            assert(beats > 2, beats)
            assert(not pcall(wait, hog))
            """
        #expect(try ending(source, cpu).error?.description == nil)
    }

    @Test func aCallHasLimitsOfItsOwn() async throws {
        try await withHost { host in
            let spin = try await host.load("return function() while true do end end", name: "t")
            let error = await luaError { () throws(LuaError) in
                try await host.call(spin, limits: CallLimits(processorTime: .milliseconds(30)))
            }
            #expect(error?.kind == .limit)
            let late = await luaError { () throws(LuaError) in
                try await host.call(spin, limits: CallLimits(deadline: .milliseconds(30)))
            }
            #expect(late?.kind == .timeout)
        }
    }

    @Test func loadingATextHasLimitsOfItsOwn() async throws {
        try await withHost { host in
            let limits = CallLimits(processorTime: .milliseconds(30))
            let error = await luaError { () throws(LuaError) in
                try await host.load("while true do end", name: "t", limits: limits)
            }
            #expect(error?.limit == .processorTime(.milliseconds(30)))
            let source = "return { add = function(a, b) return a + b end }"
            let all = try await host.run(source, name: "t", limits: limits, returning: [String: LuaFunction].self)
            let add = try #require(all["add"])
            #expect(try await host.call(add, 1, 2, returning: Int.self) == 3)
        }
    }

    @Test func aCloserThatSpinsAfterTheErrorOfALimitIsStopped() throws {
        let source = """
            local x <close> = setmetatable({}, {__close = function() while true do end end})
            while true do end
            """
        #expect(try ending(source, cpu).error?.kind == .limit)
        #expect(try ending("coroutine.wrap(function() \(source) end)()", cpu).error?.kind == .limit)
    }

    @Test func aTaskThatIsCancelledEndsAScriptThatComputes() async throws {
        try await withHost { host in
            let spin = try await host.load("return function() while true do end end", name: "t")
            let task = Task { await luaError { () throws(LuaError) in try await host.call(spin) } }
            try await host.run("local green = require 'green' green.sleep(0.02)", name: "t")
            task.cancel()
            #expect(await task.value?.kind == .cancelled)
        }
    }

    @Test func codeOutsideOfAnyGreenIsStopped() async throws {
        try await withHost(limits: cpu) { host in
            let error = await luaError { () throws(LuaError) in
                try await host.run(
                    "error(setmetatable({}, {__tostring = function() while true do end end}))", name: "t")
            }
            #expect(error?.kind == .runtime)
            let one = try await host.run("return 1", name: "t", returning: Int.self)
            #expect(one == 1)
        }
    }
}
