import EventLoop
import Green
import HTTPWire
import LuaRuntime
import Testing

@testable import GreenWSGI

@Suite struct HTTPConnectionTests {
    private let echo = "return function(r) return r.target end"
    /// `/wait` waits until somebody asks for `/go`.
    private let waiting = """
        local event = require("green").Event()
        return function(r)
          if r.path == "/wait" then
            local ok, e = pcall(event.wait, event)
            outcome = ok and "ended" or tostring(e)
            if not ok then error(e, 0) end
          elseif r.path == "/go" then
            event:set()
          end
          return r.target
        end
        """

    private func get(_ target: String, _ headers: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n"
    }

    // MARK: What the log says

    @Test func anErrorInAHandlerNamesItsRequest() throws {
        let server = try TestServer("return function(r) error('boo') end")
        let client = try server.client()
        for _ in 1...2 {
            client.send(get("/users/7?secret=1"))
            #expect(try client.response().status == 500)
        }
        #expect(server.log.count == 2)
        let said = "error in a handler: GET /users/7: app.lua:1: boo\nstack traceback:"
        #expect(server.log.first?.hasPrefix(said) == true)
        #expect(server.log.last == server.log.first)
    }

    @Test func soDoesOneThatResponseMiddlewareSees() throws {
        let server = try TestServer(
            """
            return GreenWSGI(function(r)
              if r.path == "/table" then error({ code = 3 }) end
              local function inner() error("boo") end
              inner()
            end, nil, function(request, response)
              return 418, type(response.error)
            end)
            """)
        let client = try server.client()
        client.send(get("/one"))
        var response = try client.response()
        #expect(response.status == 418 && response.body == "string")
        client.send(get("/table"))
        response = try client.response()
        #expect(response.status == 418 && response.body == "table")
        #expect(server.log.first?.hasPrefix("error in a handler: GET /one: app.lua:3: boo\nstack traceback:") == true)
        #expect(server.log.first?.contains("in local 'inner'") == true)
        #expect(
            server.log.last?.hasPrefix("error in a handler: GET /table: the error is a table without a text") == true)
    }

    @Test func anErrorBehindAClientThatHasGoneNamesItsRequest() throws {
        let server = try TestServer(
            """
            local event = require("green").Event()
            return function(r)
              began = true
              pcall(event.wait, event)
              error("too late")
            end
            """)
        do {
            let client = try server.client()
            client.send(get("/slow"))
            server.run { server.server.pool.workerCount == 1 && server.scheduler.parkedCount == 1 }
            client.disconnect()
        }
        server.run { !server.log.isEmpty }
        #expect(server.log.count == 1)
        #expect(server.log.first?.hasPrefix("error in a handler: GET /slow: app.lua:5: too late\n") == true)
    }

    // MARK: Keep-alive and pipelining

    @Test func manyRequestsOneConnection() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        for number in 1...5 {
            client.send(get("/\(number)"))
            let response = try client.response()
            #expect(response.body == "/\(number)")
            #expect(response["connection"] == nil)
        }
        #expect(server.server.answeredCount == 5)
        client.send(get("/last", "Connection: close\r\n"))
        #expect(try client.response().closes)
        #expect(client.isClosed())
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        client.send((1...200).map { get("/\($0)") }.joined())
        for number in 1...200 { #expect(try client.response().body == "/\(number)") }
    }

    @Test func aLongPipelineNeedsNoStack() throws {
        let server = try TestServer("return function() return '' end")
        let client = try server.client()
        let bytes = Array(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 20_000).utf8)
        var sent = 0
        while sent < bytes.count {
            sent += client.sendWhatFits(Array(bytes[sent...]))
            client.receive()
        }
        server.run {
            client.receive(); return server.server.answeredCount == 20_000
        }
    }

    @Test func requestsSentAheadWaitWhileAHandlerParks() throws {
        let server = try TestServer(waiting)
        let client = try server.client()
        client.send(get("/wait") + get("/2") + "GET /3 HTT")
        server.settle()
        client.receive()
        #expect(client.received.isEmpty)
        client.send("P/1.1\r\nHost: a\r\n\r\n")
        server.settle()
        _ = try server.get("/go")
        for target in ["/wait", "/2", "/3"] { #expect(try client.response().body == target) }
    }

    @Test func aPipelineBehindABodyGoesOnAtOnce() throws {
        let server = try TestServer("return function(r) return r.path == '/read' and r.body or r.path end")
        for target in ["/read", "/unread"] {
            let client = try server.client()
            client.send(
                "POST \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get("/next") + get("/last"))
            #expect(try client.response().body == (target == "/read" ? "abc" : target))
            #expect(try client.response().body == "/next")
            #expect(try client.response().body == "/last")
        }
    }

    @Test func aHeadMayComeByteByByte() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        for byte in get("/slow").utf8 { client.send([byte]) }
        #expect(try client.response().body == "/slow")
        client.send(get("/again"))
        #expect(try client.response().body == "/again")
    }

    @Test func aFloodOfRequestsWhileAHandlerParksIsBounded() throws {
        let server = try TestServer(waiting)
        let client = try server.client()
        client.send(get("/wait"))
        let flood = [UInt8](repeating: 13, count: 20_000_000)
        #expect(client.sendWhatFits(flood) < flood.count)
        let turns = server.loop.stats.events
        server.settle()
        #expect(server.loop.stats.events == turns, "what cannot be taken is not asked for")
    }

    @Test func aClientThatResetsWithAFullBufferDoesNotSpinTheLoop() throws {
        let server = try TestServer(waiting)
        let client = try server.client()
        client.send(get("/wait"))
        _ = client.sendWhatFits([UInt8](repeating: 13, count: 20_000_000))
        client.reset()
        server.run("the handler was not cancelled") { server.scheduler.liveCount == 0 }
        #expect(server.global("outcome").contains("cancelled"))
        #expect(server.server.connectionCount == 0)
    }

    @Test func outputThatWaitsKeepsItsOrder() throws {
        let server = try TestServer(
            "return function(r) return r.path == '/big' and string.rep('x', 3000000) or r.path end")
        let client = try server.client(receiveBuffer: 4_096)
        client.send(get("/big") + get("/a") + get("/big") + get("/b"))
        server.settle()
        #expect(try client.response().body.utf8.count == 3_000_000)
        #expect(try client.response().body == "/a")
        #expect(try client.response().body.utf8.count == 3_000_000)
        #expect(try client.response().body == "/b")
        client.send(get("/c"))
        #expect(try client.response().body == "/c")
    }

    // MARK: The client goes

    @Test func aClientThatGoesCancelsItsHandler() throws {
        let server = try TestServer(waiting)
        for isReset in [false, true] {
            let client = try server.client()
            client.send(get("/wait"))
            server.run { server.scheduler.parkedCount == 1 }
            if isReset { client.reset() } else { client.disconnect() }
            server.run("the handler was not cancelled") { server.scheduler.liveCount == 0 }
            #expect(server.global("outcome").contains("cancelled"))
            server.run { server.server.connectionCount == 0 }
        }
        #expect(server.log.isEmpty)
    }

    @Test func aClientThatGoesWhileItsRequestWaitsForAWorkerIsForgotten() throws {
        let app = """
            local event = require("green").Event()
            runs = 0
            return function(r)
              runs = runs + 1
              event:wait()
              return r.target
            end, event
            """
        let server = try TestServer(app, maxWorkers: 1)
        let first = try server.client()
        first.send(get("/1"))
        server.run { server.scheduler.parkedCount == 1 }
        let second = try server.client()
        second.send(get("/2"))
        server.run { server.server.pool.queuedCount == 1 }
        second.disconnect()
        server.run { server.server.connectionCount == 1 }
        #expect(server.server.pool.queuedCount == 0)
        first.disconnect()
        server.run { server.server.connectionCount == 0 && server.scheduler.liveCount == 0 }
        #expect(server.global("runs") == "1", "nobody wanted the second answer any more")
    }

    @Test func aHandlerThatEndsAfterTheClientHasGoneIsHarmless() throws {
        let app = """
            local green = require "green"
            return function(r)
              pcall(green.sleep, 1000)
              if r.path == "/error" then error("late") end
              if r.path == "/stream" then return function() return "x" end end
              return "late"
            end
            """
        for target in ["/", "/error", "/stream"] {
            let server = try TestServer(app)
            let client = try server.client()
            client.send(get(target))
            server.run { server.scheduler.parkedCount == 1 }
            client.disconnect()
            server.run { server.scheduler.liveCount == 0 && server.server.connectionCount == 0 }
            #expect(
                server.log.count == (target == "/error" ? 1 : 0), "an error is told also when nobody is left to see it")
        }
    }

    @Test func aClientThatEndsItsSideStillGetsAnAnswerThatIsReady() throws {
        let server = try TestServer(
            "return function(r) return r.path == '/big' and string.rep('x', 3000000) or r.path end")
        let client = try server.client(receiveBuffer: 4_096)
        client.send(get("/a") + get("/big") + get("/b"))
        client.endSending()
        server.settle()
        #expect(try client.response().body == "/a")
        #expect(try client.response().body.utf8.count == 3_000_000)
        #expect(try client.response().body == "/b")
        #expect(client.isClosed())
        #expect(server.server.connectionCount == 0)
    }

    @Test func aClientThatEndsItsSideInTheMiddleOfABodyNobodyReadsIsLetGo() throws {
        let server = try TestServer("return function() return string.rep('x', 3000000) end", clock: .manual)
        let client = try server.client(receiveBuffer: 4_096)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        server.settle()
        client.endSending()
        #expect(try client.response().body.utf8.count == 3_000_000)
        #expect(client.isClosed())
        #expect(server.server.connectionCount == 0)
    }

    @Test func aClientThatGoesWithALargeAnswerUnreadIsForgotten() throws {
        let server = try TestServer("return function() return string.rep('x', 30000000) end")
        let client = try server.client(receiveBuffer: 4_096)
        client.send(get("/"))
        server.settle()
        #expect(server.server.connectionCount == 1)
        client.reset()
        server.run { server.server.connectionCount == 0 }
    }

    // MARK: What is no request

    @Test func aMalformedRequestIs400AndClosed() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        client.send("GET / HTTP/1.1\r\n\r\n")
        let response = try client.response()
        #expect(response.status == 400)
        #expect(response.closes)
        #expect(client.isClosed())
    }

    @Test func limitsHaveTheirStatuses() throws {
        var options = ServerOptions()
        options.limits.body = 100
        let server = try TestServer(echo, options: options)
        let long = String(repeating: "x", count: 40_000)
        let cases = [
            (get("/" + long), 414), (get("/", "A: \(long)\r\n"), 431),
            (get("/", (1...101).map { "A\($0): b\r\n" }.joined()), 431),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n", 413),
            ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501), ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505),
        ]
        for (request, status) in cases {
            let response = try server.exchange(request)
            #expect(response.status == status)
            #expect(response.closes)
            #expect(!response.body.isEmpty)
        }
        server.run("a connection is left") { server.server.connectionCount == 0 }
    }

    @Test func aRefusalBehindAHeadRequestHasItsBody() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n")
        #expect(try client.response(to: "HEAD").status == 200)
        #expect(try client.response().status == 400)
    }

    @Test func theRefusalArrivesAlthoughTheClientStillSends() throws {
        var options = ServerOptions()
        options.limits.body = 100
        let server = try TestServer(echo, options: options)
        let client = try server.client()
        // More than the kernel keeps for both sides.
        let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12000000\r\n\r\n"
        #expect(client.send(request + String(repeating: "x", count: 12_000_000)) > 12_000_000)
        #expect(try client.response().status == 413)
        client.receive { $0.isAtEnd }
        #expect(!client.wasReset)
        client.disconnect()
        server.run { server.server.connectionCount == 0 }
    }

    @Test func aClientThatNeverStopsSendingIsCutOff() throws {
        let server = try TestServer(echo, clock: .manual)
        let client = try server.client()
        client.send("GARBAGE\r\n\r\n")
        #expect(try client.response().status == 400)
        client.send("more")
        server.settle()
        #expect(server.server.connectionCount == 1)
        server.loop.advance(by: .seconds(3))
        server.settle()
        #expect(server.server.connectionCount == 0)
    }

    // MARK: Bodies nobody read

    @Test func aBodyNobodyReadIsDrained() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        client.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        #expect(try client.response().body == "/1")
        client.send(String(repeating: "x", count: 100_000) + get("/2"))
        #expect(try client.response().body == "/2")
        client.send("POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        #expect(try client.response().body == "/3")
        client.send("2\r\nab\r\n0\r\n\r\n" + get("/4"))
        #expect(try client.response().body == "/4")
    }

    @Test func aBodyTooLargeToDrainClosesTheConnection() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        client.send("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n")
        let response = try client.response()
        #expect(response.body == "/1")
        #expect(response.closes, "the client is told")
        client.send([UInt8](repeating: 120, count: 1_000_000))
        client.receive()
        #expect(!client.wasReset)
    }

    @Test func aMalformedBodyNobodyReadClosesTheConnection() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        client.send("POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + get("/2"))
        #expect(try client.response().body == "/1")
        #expect(client.rest() == "")
    }

    @Test func drainingHasItsTimeAlsoWhenTheAnswerWaits() throws {
        let server = try TestServer("return function() return string.rep('x', 3000000) end", clock: .manual)
        let client = try server.client(receiveBuffer: 4_096)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n")
        server.settle()
        #expect(try client.response().status == 200)
        server.settle()
        server.loop.advance(by: .seconds(61))
        server.settle()
        #expect(server.server.connectionCount == 0)
    }
}
