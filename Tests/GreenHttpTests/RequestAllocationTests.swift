import EventLoop
import Green
import LuaRuntime
import Testing

@testable import GreenHttp

@Suite(.enabled(if: HTTPFixture.hasServers, "needs scripts/test-servers"))
struct RequestAllocationTests {
    private static let everything = """
        local http <close> = GreenHttp { headers = { ["X-A"] = "b" }, hooks = { on_headers = function() end } }
        local first = http:get(raw .. "/multi-header", { params = { a = { 1, 2 } } })
        local all = first.headers["x-multi"] .. first:text() .. first.links.next.url .. first.cookies.a .. first.status
        local posted = http:post(raw .. "/redirect-303", { data = { a = "b" }, cookies = { c = "d" } })
        all = all .. #posted.history .. #posted.content .. tostring(posted.elapsed.total > 0)
        local stream = http:get(raw .. "/slow?ms=0&count=10", { stream = true })
        all = all .. stream:read(2) .. #stream.content
        local left = 3
        http:post(raw .. "/swallow", { data = function()
          left = left - 1
          return left >= 0 and "piece" or nil
        end }):json()
        for line in http:get(raw .. "/gzip", { stream = true }):iter_lines() do all = all .. line end
        for event in http:get(raw .. "/sse?split=0", { stream = true }):iter_events() do all = all .. event.data end
        local failed, problem = pcall(http.get, http, raw .. "/early-close")
        local dropped = http:get(raw .. "/endless", { stream = true })
        dropped:read()
        http.cookies:set { name = "x", value = "y", domain = "example.org" }
        return tostring(failed) .. problem.kind .. #http.cookies:list() .. http:info().completed
        """

    @Test func whicheverAllocationFailsTheNextRequestIsUnharmed() throws {
        var succeeded = false
        var countdown: UInt64 = 0
        while !succeeded {
            // Each of the first, then here and there: a request of every kind takes a thousand.
            countdown += countdown < 120 ? 1 : 7
            try #require(countdown < 20_000, "never succeeded")
            weak var scheduler: Scheduler?
            do {
                let host = try HTTPFixture()
                scheduler = host.scheduler
                let lua = host.scheduler.lua
                try lua.load(Array(Self.everything.utf8), name: "=everything")
                let future = Future(host.scheduler)
                lua.failAllocations(after: countdown)
                do {
                    try host.scheduler.start(from: host.stack, arguments: 0, outcome: future)
                    host.loop.runUntilIdle()
                } catch {
                    #expect(error.isMemory)
                }
                lua.failAllocations(after: 0)
                host.stack.setTop(0)
                succeeded = (try? host.text(of: future))?.hasPrefix("falseconnection") == true
                host.collectGarbage()
                let after = try host.run("local http <close> = GreenHttp() return #http:get(raw .. '/chunked').content")
                #expect(after == "10000", "after failure \(countdown)")
            }
            #expect(scheduler == nil, "held after failure \(countdown)")
        }
        #expect(countdown > 400)
    }
}
