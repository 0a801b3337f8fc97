import Greenhouse
import Testing

extension RunLimitsTests {
    /// How a green ends that is to end.
    @Suite struct Ending {
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
                log.contains(
                    "green 1 was stopped: it used up its 0.04 s of the processor, and went on\nstack traceback:")
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

        @Test func aCloserThatSpinsAfterTheErrorOfALimitIsStopped() throws {
            let source = """
                local x <close> = setmetatable({}, {__close = function() while true do end end})
                while true do end
                """
            #expect(try ending(source, cpu).error?.kind == .limit)
            #expect(try ending("coroutine.wrap(function() \(source) end)()", cpu).error?.kind == .limit)
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
}
