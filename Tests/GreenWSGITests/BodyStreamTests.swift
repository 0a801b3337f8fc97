import EventLoop
import Green
import GreenNet
import LuaRuntime
import Testing

@testable import GreenWSGI

@Suite struct BodyStreamTests {
    private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    /// Gives `pieces` pieces of 50 000 bytes and counts them in `given`.
    private func streaming(_ pieces: Int) -> String {
        """
        given = 0
        return function()
          return function()
            if given == \(pieces) then return nil end
            given = given + 1
            return string.rep("x", 50000)
          end
        end
        """
    }

    @Test func piecesMayWait() throws {
        let app = """
            local green = require "green"
            event = green.Event()
            return function(r)
              if r.path == "/go" then event:set() return "gone" end
              local n = 0
              return 200, {A = "b"}, function()
                n = n + 1
                if n == 2 then event:wait() end
                return n < 4 and "p" .. n or nil
              end
            end
            """
        let server = try TestServer(app)
        let client = try server.client()
        client.send(request)
        client.receive { text($0.received).contains("p1") }
        #expect(!text(client.received).contains("p2"), "the first piece is sent before the second is made")
        _ = try server.get("/go")
        let response = try client.response()
        #expect(response.chunks == ["p1", "p2", "p3"])
        #expect(response["a"] == "b")
        client.send(request)
        #expect(try client.response().chunks?.count == 3, "the connection is kept")
    }

    @Test func emptyPiecesAreSkipped() throws {
        let server = try TestServer(
            "return function() local t = {'a', '', 'b', ''} local n = 0 return function() n = n + 1 return t[n] end end"
        )
        #expect(try server.get("/").chunks == ["a", "b"])
    }

    @Test func aSlowReaderParksTheHandler() throws {
        let server = try TestServer(streaming(400))
        let client = try server.client(receiveBuffer: 4_096)
        client.send(request)
        server.run("the handler was not parked") { server.scheduler.parkedCount == 1 }
        let given = try #require(Int(server.global("given")))
        #expect(given < 400)
        let count = try client.response().body.utf8.count
        #expect(count == 400 * 50_000)
        #expect(server.global("given") == "400")
    }

    @Test func aReaderThatStopsIsDroppedInTime() throws {
        var options = ServerOptions()
        options.clientTimeout = .seconds(10)
        let server = try TestServer(streaming(400), options: options, clock: .manual)
        let client = try server.client(receiveBuffer: 4_096)
        client.send(request)
        server.run("the handler was not parked") { server.scheduler.parkedCount == 1 }
        server.settle()
        server.loop.advance(by: .seconds(11))
        server.run("the connection was not closed") { server.server.connectionCount == 0 }
        server.settle()
        #expect(server.scheduler.liveCount == 0)
    }

    @Test func anErrorInTheMiddleClosesWithoutALastChunk() throws {
        let server = try TestServer(
            "return function() local n = 0 return function() n = n + 1 if n == 2 then error('boo') end return 'one' end end"
        )
        let client = try server.client()
        client.send(request)
        let whole = client.rest()
        #expect(whole.contains("3\r\none\r\n"))
        #expect(!whole.contains("0\r\n\r\n"))
        #expect(server.log.first?.contains("boo") == true)
    }

    @Test func aTruncatedBodyWithoutChunksEndsInAReset() throws {
        let server = try TestServer(
            "return function() local n = 0 return function() n = n + 1 if n == 2 then error('boo') end return 'one' end end"
        )
        let client = try server.client()
        client.send("GET / HTTP/1.0\r\n\r\n")
        _ = client.rest()
        #expect(client.wasReset, "an orderly end would say that the body is whole")
    }

    @Test func aPieceThatIsNoStringIsAnError() throws {
        let server = try TestServer("return function() return function() return {} end end")
        let client = try server.client()
        client.send(request)
        #expect(!client.rest().contains("0\r\n\r\n"))
        #expect(
            server.log.first?.contains("a body function gave a table, expected a string, or nil at the end") == true)
    }

    @Test func aClientThatGoesCancelsTheStream() throws {
        let app = """
            local green = require "green"
            return function()
              return function()
                local ok, e = pcall(green.sleep, 1000)
                outcome = e
                error(e, 0)
              end
            end
            """
        let server = try TestServer(app)
        let client = try server.client()
        client.send(request)
        server.run { server.scheduler.parkedCount == 1 }
        client.disconnect()
        server.run("the handler was not cancelled") { server.scheduler.liveCount == 0 }
        #expect(server.global("outcome").contains("cancelled"))
        #expect(server.server.connectionCount == 0)
        #expect(server.log.isEmpty)
    }

    @Test func aClientThatGoesWhileTheStreamWaitsForRoomCancelsIt() throws {
        let server = try TestServer(streaming(400))
        let client = try server.client(receiveBuffer: 4_096)
        client.send(request)
        server.run { server.scheduler.parkedCount == 1 }
        let given = server.global("given")
        client.reset()
        server.run { server.scheduler.liveCount == 0 && server.server.connectionCount == 0 }
        #expect(server.global("given") == given, "no more pieces are made for nobody")
    }

    @Test func aStreamOfOneServerNeverReachesAConnectionOfAnother() throws {
        // Two servers on one scheduler: their connections have the same numbers.
        let app = """
            local green = require "green"
            return function(r)
              if r.path == "/plain" then green.sleep(1000) end
              local n = 0
              return function() n = n + 1 green.sleep(0) return n < 4 and "p" .. n or nil end
            end
            """
        let first = try TestServer(app)
        try first.scheduler.lua.load(Array(app.utf8), name: "=second.lua")
        try first.scheduler.lua.call(on: first.scheduler.lua.main, arguments: 0, results: 1)
        let second = try HTTPServer(first.scheduler, pool: GreenPool(first.scheduler))
        let address = try second.listen(on: BindAddress(parsing: "127.0.0.1:0"))
        let waiting = try first.client()
        waiting.send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n")
        first.run { first.scheduler.parkedCount == 1 }
        let client = try RawClient(first, address: address)
        client.send(request)
        #expect(try client.response().chunks == ["p1", "p2", "p3"])
        waiting.receive()
        #expect(waiting.received.isEmpty)
        client.disconnect()
        second.stopNow()
    }

    @Test func aStreamMayReadTheRequestsBody() throws {
        let server = try TestServer("return function(r) return function() return r:read(4) end end")
        let client = try server.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab")
        client.receive { text($0.received).contains("ab") }
        client.send("cdef")
        #expect(try client.response().body == "abcdef")
        client.send(request)
        #expect(try client.response().status == 200)
    }
}
