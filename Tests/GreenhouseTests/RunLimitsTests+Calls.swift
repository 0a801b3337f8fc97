import Greenhouse
import Testing

extension RunLimitsTests {
    /// Limits of one call from Swift.
    @Suite struct Calls {
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

        @Test func aTaskThatIsCancelledEndsAScriptThatComputes() async throws {
            try await withHost { host in
                let spin = try await host.load("return function() while true do end end", name: "t")
                let task = Task { await luaError { () throws(LuaError) in try await host.call(spin) } }
                try await host.run("local green = require 'green' green.sleep(0.02)", name: "t")
                task.cancel()
                #expect(await task.value?.kind == .cancelled)
            }
        }
    }
}
