import Greenhouse
import Testing

extension RunLimitsTests {
    /// The memory limit, and that what it was used for is given back.
    @Suite struct Memory {
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
    }
}
