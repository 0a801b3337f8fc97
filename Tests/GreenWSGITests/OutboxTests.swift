import EventLoop
import Glibc
import GreenNet
import HTTPWire
import Testing

@testable import GreenWSGI

@Suite struct OutboxTests {
    private let echo = "return function(r) return r.target end"

    private func get(_ target: String, _ headers: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n"
    }

    /// Sends without turning the loop, then makes one turn that finds all of it, and looks at the state of affairs
    /// before the turn's end.
    private func turn(
        _ server: TestServer, _ requests: [(RawClient, String)], midway: @escaping () -> Void = {}
    ) {
        for (client, text) in requests {
            let count = Array(text.utf8).withUnsafeBytes { send(client.descriptor, $0.baseAddress, $0.count, 0) }
            #expect(count == text.utf8.count)
            // In order, so that the loop finds them in order.
            var entry = pollfd(fd: serving(client, server)?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
            #expect(poll(&entry, 1, 5_000) == 1)
        }
        server.loop.enqueue(Midway(midway))
        server.loop.runOnce(blocking: false)
        for (client, _) in requests { client.receive() }
    }

    private func serving(_ client: RawClient, _ server: TestServer) -> HTTPConnection? {
        let port = SocketAddress.local(of: client.descriptor)?.port
        return server.server.table.connections.lazy.compactMap(\.self).first { $0.peer.port == port }
    }

    private func bodies(_ client: RawClient) -> [String] {
        client.receive()
        var bodies: [String] = []
        var bytes = client.received
        while let response = RawResponse(bytes, to: "GET", isAtEnd: client.isAtEnd) {
            bodies.append(response.body)
            bytes.removeFirst(response.byteCount)
        }
        return bodies
    }

    /// What the server reads when it writes a response.
    private var tick: Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        return now.tv_nsec
    }

    @Test func theResponsesOfATurnAreSentAtItsEnd() throws {
        let server = try TestServer(echo)
        let clients = try (0..<3).map { _ in try server.client() }
        var rounds = 0
        var before = 0
        var isWithinATick = false
        while !isWithinATick, rounds < 100 {
            let start = tick
            var midway = 0
            turn(server, clients.enumerated().map { ($1, get("/\($0)")) }) {
                isWithinATick = tick == start
                for client in clients {
                    client.receive()
                    midway += client.received.count
                }
            }
            rounds += 1
            for (index, client) in clients.enumerated() {
                #expect(bodies(client) == Array(repeating: "/\(index)", count: rounds))
            }
            if isWithinATick { #expect(midway == before) }
            before = clients.reduce(0) { $0 + $1.received.count }
        }
        #expect(isWithinATick)
    }

    @Test func aGreenThatEndsInTheTurnIsAnsweredInIt() throws {
        let server = try TestServer(
            """
            local event = require("green").Event()
            return function(r)
              if r.path == "/wait" then event:wait() else event:set() end
              return r.target
            end
            """)
        let waiting = try server.client()
        let going = try server.client()
        turn(server, [(waiting, get("/wait"))])
        #expect(waiting.received.isEmpty)
        turn(server, [(going, get("/go"))])
        #expect(bodies(going) == ["/go"])
        #expect(bodies(waiting) == ["/wait"])
    }

    @Test func aPipelineKeepsItsOrderUpToTheClose() throws {
        let server = try TestServer(
            """
            local green = require("green")
            return function(r)
              if r.path == "/later" then green.sleep(0) end
              if r.path == "/stream" then return coroutine.wrap(function() coroutine.yield("stream") end) end
              return r.target
            end
            """)
        let client = try server.client()
        let last = get("/last", "Connection: close\r\n")
        client.send(get("/1") + get("/later") + get("/2") + get("/later") + get("/stream") + get("/3") + last)
        for body in ["/1", "/later", "/2", "/later", "stream", "/3", "/last"] {
            #expect(try client.response().body == body)
        }
        #expect(client.isClosed())
    }

    @Test func whatElseAConnectionSendsComesBehind() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        turn(server, [(client, get("/first"))]) {
            let connection = serving(client, server)
            #expect((connection?.unsent ?? -1) >= 0)
            server.server.output.append("behind")
            connection?.flush()
            #expect(connection?.unsent == -1)
        }
        let response = try #require(RawResponse(client.received, to: "GET", isAtEnd: false))
        #expect(response.body == "/first")
        #expect(text(Array(client.received[response.byteCount...])) == "behind")
    }

    @Test func aStopInTheTurnStillSendsWhatWaits() throws {
        for isAtOnce in [false, true] {
            let server = try TestServer(echo)
            let client = try server.client()
            turn(server, [(client, get("/bye"))]) {
                if isAtOnce { server.server.stopNow() } else { server.server.stop() }
                #expect(server.server.connectionCount == 0)
            }
            #expect(bodies(client) == ["/bye"])
            #expect(client.isAtEnd && !client.wasReset)
        }
    }

    @Test func whatTheSocketDoesNotTakeIsSentLater() throws {
        let server = try TestServer(
            "return function(r) return r.path == '/large' and string.rep('x', 16384) or r.path end")
        let client = try server.client(receiveBuffer: 2_304)
        let connection = try #require(serving(client, server))
        var size: Int32 = 2_304
        setsockopt(connection.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        let large = String(repeating: "x", count: 16_384)
        for _ in 0..<3 {
            // The client does not read before the turn is over: `turn` receives behind it.
            turn(server, [(client, get("/large") + get("/large") + get("/large"))]) {
                #expect(connection.unsent >= 0)
                #expect(connection.phase == .head)
            }
            #expect(connection.pending != nil)
            #expect(connection.phase == .handling)
            for _ in 0..<3 { #expect(try client.response().body == large) }
            server.settle()
            #expect(connection.pending == nil)
            #expect(connection.phase == .head)
        }
        client.send(get("/small"))
        #expect(try client.response().body == "/small")
    }

    @Test func aClientThatGoesBeforeTheEndOfTheTurnIsLetGoOf() throws {
        let server = try TestServer(echo)
        let gone = try server.client()
        let stays = try server.client()
        let descriptor = serving(gone, server)?.descriptor ?? -1
        turn(server, [(gone, get("/gone")), (stays, get("/stays"))]) {
            gone.reset()
            var entry = pollfd(fd: descriptor, events: 0, revents: 0)
            #expect(poll(&entry, 1, 5_000) == 1)
        }
        #expect(server.server.connectionCount == 1)
        #expect(bodies(stays) == ["/stays"])
        turn(server, [(stays, get("/again"))])
        #expect(bodies(stays) == ["/stays", "/again"])
    }

    @Test func theOutboxTakesNoMoreThan64KiBOfATick() throws {
        let server = try TestServer(echo)
        let clients = try (0..<6).map { _ in try server.client() }
        let connections = clients.compactMap { serving($0, server) }
        let outbox = server.server.outbox
        let large = Array(repeating: UInt8(ascii: "x"), count: 16_000)
        let taken = connections.prefix(5).map { connection in
            withRaw(large) { outbox.take($0, of: connection, tick: 1) }
        }
        #expect(taken == [true, true, true, true, false])
        #expect(connections.map { $0.unsent } == [0, 1, 2, 3, -1, -1])
        #expect(withRaw("y") { outbox.take($0, of: connections[4], tick: 1) })
        #expect(clients.allSatisfy { bodies($0).isEmpty && $0.received.isEmpty })
        // The clock has ticked: what has waited is sent, and there is room again.
        #expect(withRaw(large) { outbox.take($0, of: connections[5], tick: 2) })
        #expect(connections.map { $0.unsent } == [-1, -1, -1, -1, -1, 0])
        for client in clients.prefix(5) { client.receive() }
        #expect(clients.map { $0.received.count } == [16_000, 16_000, 16_000, 16_000, 1, 0])
        server.loop.runOnce(blocking: false)
        clients[5].receive()
        #expect(clients[5].received == large)
    }

    @Test func theOutboxTakesNoMoreThan256Responses() throws {
        let server = try TestServer(echo)
        let client = try server.client()
        let connection = try #require(serving(client, server))
        for _ in 0..<256 { #expect(withRaw("x") { server.server.outbox.take($0, of: connection, tick: 1) }) }
        #expect(!withRaw("x") { server.server.outbox.take($0, of: connection, tick: 1) })
        server.loop.runOnce(blocking: false)
        client.receive()
        #expect(client.received.count == 256)
    }

    @Test func aHandlerThatComputesForLongKeepsNoResponseBeyondItself() throws {
        let server = try TestServer(
            """
            return function(r)
              local start = os.clock()
              while r.path == "/slow" and os.clock() - start < 0.05 do end
              return r.target
            end
            """)
        let fast = try server.client()
        let slow = try server.client()
        var sent: [Bool] = []
        turn(server, [(fast, get("/fast")), (slow, get("/slow"))]) {
            for client in [fast, slow] {
                client.receive()
                sent.append(!client.received.isEmpty)
            }
        }
        #expect(sent == [true, false])
        #expect(bodies(slow) == ["/slow"])
    }
}

/// Runs a closure once, between a turn's events and its end.
private final class Midway: LoopTask {
    private let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }

    override func run() { body() }
}
