import EventLoop
import Green
import HTTPWire
import LuaRuntime
import Testing

@testable import GreenHttp

@Suite(.enabled(if: HTTPFixture.hasServers, "needs scripts/test-servers"))
struct LeakTests {
    /// Requests that end in every way: well, badly, cancelled, timed out, streamed and left, in the middle of a body.
    private static let wave = """
        local kinds = {
          function() return #http:get(raw .. "/chunked").content end,
          function() return #http:post(raw .. "/echo", { data = ("x"):rep(10000) }).content end,
          function() return #http:get(raw .. "/gzip", { stream = true }).content end,
          function() http:get(raw .. "/redirect?to=/echo") end,
          function() http:get(raw .. "/reset") end,
          function() http:get(raw .. "/early-close") end,
          function() http:get(raw .. "/garbage") end,
          function() http:get("http://127.0.0.1:1/") end,
          function() http:get(raw .. "/hang", { timeout = 0.02 }) end,
          function() http:get(raw .. "/hang-in-body", { read_timeout = 0.02 }) end,
          function() green.timeout(0.02, http.get, http, raw .. "/hang") end,
          function() http:get(raw .. "/hang-after-head", { stream = true }):close() end,
          function() http:get(raw .. "/endless", { stream = true }):read() end,
          function() http:get(raw .. "/status/503", { retries = { count = 2, backoff = 0.001 } }) end,
          function()
            local left = 3
            http:post(raw .. "/swallow", { data = function()
              left = left - 1
              return left > 0 and "piece" or nil
            end })
          end,
          function() http:post(raw .. "/swallow", { data = function() error "no" end }) end,
        }
        local futures = {}
        for i = 1, 4 do
          for _, kind in ipairs(kinds) do futures[#futures + 1] = green.spawn(pcall, kind) end
          for _, path in ipairs { "/hang", "/hang-in-body", "/slow", "/echo" } do
            local future = green.spawn(pcall, http.get, http, raw .. path)
            green.spawn(function() green.sleep(0.01) future:cancel() end)
            futures[#futures + 1] = future
          end
        end
        for _, future in ipairs(futures) do pcall(wait, future) end
        collectgarbage()
        return #futures
        """

    @Test func requestsLeaveNothingBehindHoweverTheyEnd() throws {
        let host = try HTTPFixture()
        try host.call("http = GreenHttp()")
        var sockets = OpenSockets()
        var (held, bytes) = (0, 0)
        for round in 0..<6 {
            #expect(try host.run(Self.wave) == "80")
            host.collectGarbage()
            let client = try host.client()
            #expect(client.inFlight == 0)
            #expect(client.waiting == 0)
            #expect(client.multi.sockets.count <= 64)
            sockets.add(client.multi.sockets)
            #expect(sockets.stillOpen == client.multi.sockets.count)
            if round == 3 { (held, bytes) = (host.scheduler.lua.vault.heldCount, host.scheduler.lua.memory.bytes) }
        }
        #expect(host.scheduler.lua.vault.heldCount == held)
        #expect(abs(host.scheduler.lua.memory.bytes - bytes) < 4096, "\(bytes), \(host.scheduler.lua.memory.bytes)")
        #expect(host.scheduler.liveCount == 0)
        #expect(!host.loop.hasPendingWork)
        weak let client = try host.client()
        try host.call("http:close()")
        #expect(sockets.count > 0)
        #expect(sockets.stillOpen == 0)
        try host.call("http = nil")
        host.collectGarbage()
        #expect(client == nil)
        #expect(host.logged.isEmpty, "\(host.logged.prefix(3))")
    }

    /// A request whose parts are looked after.
    private struct Watched {
        weak var exchange: Exchange?
        weak var response: ClientResponse?
        weak var handle: EasyHandle?
    }

    private func begin(_ path: String, _ client: HTTPClient, streamed: Bool = false) -> (Exchange, Watched) {
        let request = ClientRequest(url: HTTPFixture.page(path))
        request.isStreamed = streamed
        let exchange = Exchange(client, request, client.settings)
        exchange.start()
        return (exchange, Watched(exchange: exchange, response: exchange.response, handle: exchange.handle))
    }

    private func runLoop(_ loop: EventLoop, until done: () -> Bool) {
        while !done() { loop.runOnce(blocking: true) }
    }

    @Test(arguments: ["/echo", "/reset", "/garbage", "/redirect?to=/echo", "/gzip-bad"])
    func everyPartOfARequestIsFreed(_ path: String) throws {
        let host = try HTTPFixture()
        var parts: Watched?
        weak var client: HTTPClient?
        do {
            let made = HTTPClient(
                host.loop, ClientSettings(), limits: ConnectionLimits(), base: nil, headers: [],
                census: ClientCensus())
            client = made
            do {
                let (exchange, watched) = begin(path, made)
                parts = watched
                #expect(watched.handle != nil)
                runLoop(host.loop) { exchange.isDone }
            }
            #expect(parts?.exchange == nil)
            #expect(parts?.response == nil)
            // The handle is kept for the next request.
            #expect(parts?.handle != nil)
            #expect(made.inFlight == 0)
        }
        #expect(client == nil)
        #expect(parts?.handle == nil)
    }

    @Test(arguments: ["/hang", "/hang-after-head", "/hang-in-body", "/endless"], [true, false])
    func everyPartOfAnAbandonedRequestIsFreed(_ path: String, _ streamed: Bool) throws {
        let host = try HTTPFixture()
        var parts: Watched?
        weak var client: HTTPClient?
        var sockets = OpenSockets()
        do {
            let made = HTTPClient(
                host.loop, ClientSettings(), limits: ConnectionLimits(), base: nil, headers: [],
                census: ClientCensus())
            client = made
            do {
                let (exchange, watched) = begin(path, made, streamed: streamed)
                parts = watched
                runLoop(host.loop) { exchange.hasBegun }
                sockets.add(made.multi.sockets)
                #expect(sockets.stillOpen == 1)
                exchange.abort()
                #expect(exchange.failure?.kind == .cancelled)
                #expect(sockets.stillOpen == 0)
            }
            #expect(parts?.exchange == nil)
            #expect(parts?.response == nil)
        }
        #expect(client == nil)
        #expect(parts?.handle == nil)
    }

    @Test func aRequestThatIsUnderWayKeepsItsClient() throws {
        let host = try HTTPFixture()
        weak var client: HTTPClient?
        let exchange: Exchange
        do {
            let made = HTTPClient(
                host.loop, ClientSettings(), limits: ConnectionLimits(), base: nil, headers: [],
                census: ClientCensus())
            client = made
            (exchange, _) = begin("/slow?ms=1&count=5", made)
        }
        #expect(client != nil)
        runLoop(host.loop) { exchange.isDone }
        #expect(exchange.failure == nil)
        #expect(exchange.response.body.count == 5)
    }

    @Test func theLastRequestOfADroppedClientMayBeWhatKeptIt() throws {
        let host = try HTTPFixture()
        weak var client: HTTPClient?
        do {
            let made = HTTPClient(
                host.loop, ClientSettings(), limits: ConnectionLimits(), base: nil, headers: [],
                census: ClientCensus())
            client = made
            for path in ["/echo", "/reset", "/early-close"] { _ = begin(path, made) }
        }
        // Nobody has the exchanges: they, and with the last of them the client, go when libcurl is done.
        runLoop(host.loop) { client == nil }
        #expect(client == nil)
    }

    /// Scripts, and what they wait for when their host goes.
    @Test(arguments: [
        "http:get(raw .. '/hang')", "http:get(raw .. '/hang-in-body')", "http:get(raw .. '/endless')",
        "local r = http:get(raw .. '/hang-in-body', { stream = true }) r:read() r:read()",
        "r = http:get(raw .. '/endless', { stream = true }) green.sleep(100)",
        "http:post(raw .. '/swallow', { data = function() green.sleep(100) end })",
        "http:post(raw .. '/hang', { data = function() return ('x'):rep(100000) end })",
        "http:get(raw .. '/status/503', { retries = { count = 9, backoff = 60, longest = 60 } })",
        "http = GreenHttp { max_per_host = 1 } for i = 1, 5 do green.spawn(http.get, http, raw .. '/hang') end",
        "http:get('http://nosuch.invalid/')",
        "green.spawn(http.get, http, raw .. '/hang') green.sleep(0.01) http:close() green.sleep(100)",
    ])
    func aHostCanGoInTheMiddle(_ script: String) throws {
        var sockets = OpenSockets()
        weak var scheduler: Scheduler?
        weak var client: HTTPClient?
        do {
            let host = try HTTPFixture()
            scheduler = host.scheduler
            try host.call("http = GreenHttp()")
            _ = try host.start(script)
            let end = host.loop.now + .milliseconds(60)
            let timer = Alarm()
            host.loop.schedule(timer, at: end)
            runLoop(host.loop) { timer.hasFired }
            client = try host.client()
            sockets.add(client?.multi.sockets ?? [])
            host.scheduler.close()
            #expect(!host.loop.hasPendingWork)
        }
        #expect(scheduler == nil)
        #expect(client == nil)
        #expect(sockets.stillOpen == 0)
    }

    private final class Alarm: LoopTimer {
        private(set) var hasFired = false
        init() { super.init(keepsLoopAlive: true) }
        override func fire() { hasFired = true }
    }
}
