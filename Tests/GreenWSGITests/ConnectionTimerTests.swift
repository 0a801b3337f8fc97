import EventLoop
import Green
import Testing

@testable import GreenWSGI

/// A manual clock: what takes a minute takes none.
@Suite struct ConnectionTimerTests {
    private func server(_ app: String = "return function(r) return r.target end") throws -> TestServer {
        var options = ServerOptions()
        options.clientTimeout = .seconds(10)
        options.idleTimeout = .seconds(30)
        return try TestServer(app, options: options, clock: .manual)
    }

    private let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func aConnectionThatSaysNothingIsClosed() throws {
        let server = try server()
        let client = try server.client()
        server.loop.advance(by: .seconds(9))
        #expect(!client.isClosed())
        server.loop.advance(by: .seconds(2))
        #expect(client.isClosed())
        #expect(client.received.isEmpty)
    }

    @Test func anIdleConnectionIsClosedAfterItsTime() throws {
        let server = try server()
        let client = try server.client()
        client.send(request)
        _ = try client.response()
        server.loop.advance(by: .seconds(29))
        #expect(!client.isClosed())
        client.send(request)
        _ = try client.response()
        server.loop.advance(by: .seconds(29))
        #expect(!client.isClosed(), "each request begins the time anew")
        server.loop.advance(by: .seconds(2))
        #expect(client.isClosed())
        #expect(client.received.isEmpty)
    }

    @Test func aSlowHeadIs408() throws {
        let server = try server()
        let client = try server.client()
        client.send("GET / HTTP/1.1\r\n")
        server.settle()
        server.loop.advance(by: .seconds(11))
        let response = try client.response()
        #expect(response.status == 408)
        #expect(response.closes)
        #expect(client.isClosed())
    }

    @Test func dripsDoNotProlongAHead() throws {
        let server = try server()
        let client = try server.client()
        client.send(request)
        _ = try client.response()
        client.send("GET / HTTP/1.1\r\n")
        for _ in 0..<4 {
            server.loop.advance(by: .seconds(3))
            client.send("A: b\r\n")
            server.settle()
        }
        #expect(try client.response().status == 408)
    }

    @Test func aHandlerTakesAsLongAsItLikes() throws {
        let server = try server("return function(r) require('green').sleep(500) return 'done' end")
        let client = try server.client()
        client.send(request)
        server.settle()
        server.loop.advance(by: .seconds(499))
        #expect(!client.isClosed())
        server.loop.advance(by: .seconds(2))
        #expect(try client.response().body == "done")
        server.loop.advance(by: .seconds(29))
        #expect(!client.isClosed())
    }

    @Test func aBodyMayComeSlowlyAsLongAsItComes() throws {
        let server = try server("return function(r) return r.body end")
        let client = try server.client()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n")
        for byte in "abcd".utf8 {
            server.loop.advance(by: .seconds(8))
            client.send([byte])
            server.settle()
        }
        #expect(try client.response().body == "abcd")
    }

    @Test func aClientThatTakesNothingIsDropped() throws {
        let server = try server("return function() return string.rep('x', 30000000) end")
        let client = try server.client(receiveBuffer: 4_096)
        client.send(request)
        server.settle()
        server.loop.advance(by: .seconds(11))
        server.settle()
        #expect(server.server.connectionCount == 0)
        client.disconnect()
    }

    @Test func aClientThatSendsBodyButTakesNothingIsDropped() throws {
        // Each byte of the body wakes the handler, which writes more of what nobody takes.
        let app =
            "return function(r) return function() local piece = r:read(1) return piece and string.rep(piece, 3000000) end end"
        let server = try server(app)
        let client = try server.client(receiveBuffer: 4_096)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\na")
        server.settle()
        client.send("b")
        server.settle()
        server.loop.advance(by: .seconds(11))
        server.settle()
        #expect(server.server.connectionCount == 0)
        #expect(server.scheduler.liveCount == 0)
        client.disconnect()
    }
}
