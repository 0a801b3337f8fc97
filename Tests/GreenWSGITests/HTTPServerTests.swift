import EventLoop
import Green
import GreenNet
import LuaRuntime
import Testing

@testable import GreenWSGI

@Suite struct HTTPServerTests {
    private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
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
    private let slow = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func itListensOnSeveralAddresses() throws {
        let server = try TestServer("return function() return 'x' end")
        let second = try server.server.listen(on: BindAddress(parsing: "127.0.0.1:0"))
        #expect(second.port != server.address.port)
        let client = try RawClient(server, address: second)
        client.send(request)
        #expect(try client.response().body == "x")
        #expect(try server.get("/").body == "x")
    }

    @Test func connectionsAboveTheMostWaitInTheBacklog() throws {
        var options = ServerOptions()
        options.maxConnections = 2
        let server = try TestServer("return function() return 'x' end", options: options)
        let first = try server.client()
        let second = try server.client()
        let third = try RawClient(server)
        third.send(request)
        server.settle()
        #expect(server.server.connectionCount == 2)
        second.send(request)
        #expect(try second.response().body == "x")
        first.disconnect()
        #expect(try third.response().body == "x", "a place was free")
        #expect(server.server.connectionCount == 2)
    }

    @Test func aFullLineIs503() throws {
        let server = try TestServer(waiting, clock: .manual, maxWorkers: 1, queueLimit: 1)
        let first = try server.client()
        first.send(slow)
        let second = try server.client()
        second.send(slow)
        server.run { server.server.pool.queuedCount == 1 }
        let refused = try server.exchange(request)
        #expect(refused.status == 503)
        #expect(refused.closes)
        #expect(refused.body.contains("busy"))
        let reason = "all workers are busy, and 1 requests wait (--max-workers, --queue)"
        #expect(server.log == ["GET / was refused with 503: \(reason)"])
        #expect(try server.exchange(request).status == 503)
        #expect(try server.exchange(request).status == 503)
        #expect(server.log.count == 1, "one a second")
        server.loop.advance(by: .seconds(2))
        #expect(try server.exchange(request).status == 503)
        #expect(server.log.dropFirst().first == "2 more requests were refused within a second, with 503")
        first.disconnect()
        second.disconnect()
        server.run { server.scheduler.liveCount == 0 }
        #expect(try server.exchange(request).status == 200)
    }

    @Test func aClosedPoolIs503() throws {
        let server = try TestServer("return function() return 'x' end")
        server.server.pool.shutdown()
        let refused = try server.exchange(request)
        #expect(refused.status == 503)
        #expect(!refused.body.contains("busy"))
    }

    @Test func aStopClosesWhatIsIdleAndTakesNobodyNew() throws {
        let server = try TestServer(waiting)
        let idle = try server.client()
        let busy = try server.client()
        busy.send(slow)
        server.run { server.scheduler.parkedCount == 1 }
        var isStopped = false
        server.server.stop { isStopped = true }
        #expect(idle.isClosed())
        #expect(!isStopped)
        #expect(throws: RawClient.Failure.self) { try RawClient(server) }
        #expect(server.scheduler.liveCount == 1)
        server.server.stopNow()
        server.run { server.scheduler.liveCount == 0 }
        #expect(isStopped)
        #expect(busy.isClosed())
    }

    @Test func aResponseDuringAStopSaysSoAndEndsTheConnection() throws {
        let server = try TestServer("return function() require('green').sleep(5) return 'done' end", clock: .manual)
        let client = try server.client()
        client.send(request + request)
        server.run { server.scheduler.liveCount == 1 }
        var isStopped = false
        server.server.stop { isStopped = true }
        server.loop.advance(by: .seconds(6))
        let response = try client.response()
        #expect(response.body == "done")
        #expect(response.closes)
        client.receive { $0.isAtEnd }
        #expect(client.received.isEmpty, "the second request is not served any more")
        client.disconnect()
        server.run { isStopped }
    }

    @Test func theGraceTimeEndsWhatIsLeft() throws {
        var options = ServerOptions()
        options.graceTime = .seconds(5)
        let server = try TestServer(waiting, options: options, clock: .manual)
        let client = try server.client()
        client.send(slow)
        server.run { server.scheduler.parkedCount == 1 }
        var isStopped = false
        server.server.stop { isStopped = true }
        server.loop.advance(by: .seconds(4))
        server.settle()
        #expect(!isStopped)
        #expect(server.scheduler.greensReport().contains(" (GET /wait) waits for "))
        server.loop.advance(by: .seconds(2))
        server.settle()
        #expect(isStopped)
        #expect(server.scheduler.liveCount == 0)
        #expect(server.global("outcome").contains("cancelled"))
        #expect(client.isClosed())
        #expect(server.log.contains("GET /wait was cut off: the server stops, and its grace is over"))
    }

    @Test func aStopWithoutConnectionsIsOverAtOnceAndLeavesNoTimer() throws {
        let server = try TestServer("return function() return 'x' end")
        let idle = try server.client()
        var count = 0
        server.server.stop { count += 1 }
        #expect(count == 1)
        server.server.stop { count += 10 }
        server.server.stopNow()
        #expect(count == 1)
        #expect(!server.loop.hasPendingWork, "nothing keeps the loop waiting")
        #expect(idle.isClosed())
    }

    @Test func aStopWhileHandlersStreamWaitsForThem() throws {
        let app =
            "local green = require 'green' return function() local n = 0 return function() n = n + 1 green.sleep(1) return n < 4 and 'p' .. n or nil end end"
        let server = try TestServer(app, clock: .manual)
        let client = try server.client()
        client.send(request)
        server.run { server.scheduler.liveCount == 1 }
        var isStopped = false
        server.server.stop { isStopped = true }
        for _ in 0..<5 {
            server.loop.advance(by: .seconds(1))
            server.settle()
        }
        #expect(try client.response().chunks == ["p1", "p2", "p3"])
        client.receive { $0.isAtEnd }
        client.disconnect()
        server.run { isStopped }
    }

    @Test func anAnswerThatWaitsToBeTakenSurvivesAGracefulStop() throws {
        let server = try TestServer("return function() return string.rep('x', 3000000) end")
        let client = try server.client(receiveBuffer: 4_096)
        client.send(request)
        server.settle()
        var isStopped = false
        server.server.stop { isStopped = true }
        #expect(try client.response().body.utf8.count == 3_000_000)
        client.receive { $0.isAtEnd }
        client.disconnect()
        server.run { isStopped }
    }

    @Test func aServerThatIsReleasedStopsListening() throws {
        let server = try TestServer("return function() return 'x' end")
        let stack = server.scheduler.lua.main
        try server.scheduler.lua.load(Array("return function() return 'y' end".utf8), name: "=y")
        try server.scheduler.lua.call(on: stack, arguments: 0, results: 1)
        let held = server.scheduler.lua.vault.heldCount
        var second: HTTPServer? = try HTTPServer(server.scheduler, pool: GreenPool(server.scheduler))
        let address = try #require(try second?.listen(on: BindAddress(parsing: "127.0.0.1:0")))
        second = nil
        #expect(throws: RawClient.Failure.self) { try RawClient(server, address: address) }
        #expect(server.scheduler.lua.vault.heldCount == held)
    }
}
