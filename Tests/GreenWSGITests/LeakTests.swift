import EventLoop
import Green
import LuaRuntime
import Testing

@testable import GreenWSGI

/// Whatever clients do, the server ends where it began.
@Suite struct LeakTests {
    private static let app = """
        local green = require "green"
        return {
          ["/hello"] = function(r) return "hello " .. tostring(r.query.name) end,
          ["/echo"] = function(r) return r.body end,
          ["/park"] = function() green.sleep(0) return "parked" end,
          ["/hold"] = function() green.sleep(1000) end,
          ["/error"] = function() error("boo") end,
          ["/bad"] = function() return 200, {["A\\n"] = "b"}, "x" end,
          ["/stream"] = function(r)
            local n = 0
            return 200, r.headers.host and {A = r.headers.host}, function() n = n + 1 green.sleep(0) return n < 9 and ("x"):rep(9000) or nil end
          end,
          ["/big"] = function() return ("x"):rep(2000000) end,
          ["/users/:id"] = function(r) return r.params.id .. r.environ.PATH_INFO end,
        }
        """

    /// What must not grow.
    private struct Footprint: Equatable {
        let sockets: Int
        let greens: Int
        let connections: Int
        let held: Int

        init(_ server: TestServer) {
            sockets = server.openSockets
            greens = server.scheduler.liveCount
            connections = server.server.connectionCount
            held = server.scheduler.lua.vault.heldCount
        }
    }

    private func memory(_ server: TestServer) -> Int {
        server.scheduler.lua.collectGarbage()
        server.scheduler.lua.collectGarbage()
        return server.scheduler.lua.memory.bytes
    }

    /// Runs the load once to warm up and then again, and compares.
    private func expectNoGrowth(_ load: (TestServer) throws -> Void) throws {
        let server = try TestServer(Self.app)
        try load(server)
        server.run("a connection is left") { server.server.connectionCount == 0 && server.scheduler.liveCount == 0 }
        let before = Footprint(server)
        let bytes = memory(server)
        try load(server)
        server.run("a connection is left") { server.server.connectionCount == 0 && server.scheduler.liveCount == 0 }
        #expect(Footprint(server) == before)
        #expect(before.sockets == 1, "the listener's")
        let grown = memory(server) - bytes
        #expect(grown < 4_096, "\(grown) bytes of Lua's memory are left")
    }

    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

    @Test func aThousandMalformedRequestsLeaveNothing() throws {
        let long = String(repeating: "x", count: 40_000)
        let malformed = [
            "GARBAGE\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", "\0\0\0\r\n\r\n",
            "GET /\(long) HTTP/1.1\r\n", "GET / HTTP/1.1\r\nA: \(long)\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n",
        ]
        try expectNoGrowth { server in
            for number in 0..<500 {
                let response = try server.exchange(malformed[number % malformed.count])
                #expect((400...505).contains(response.status) && response.closes)
            }
        }
    }

    @Test func aMixedLoadWithAbortedClientsLeavesNothing() throws {
        let requests = [
            get("/hello?name=x"), get("/park"), get("/error"), get("/bad"), get("/stream"), get("/big"), get("/none"),
            get("/users/7"), get("/hello") + get("/park") + get("/stream"), "GET /hel",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nunread",
            "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", get("/hold"),
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nmore than declared",
        ]
        try expectNoGrowth { server in
            for number in 0..<320 {
                let client = try server.client(receiveBuffer: number % 3 == 0 ? 4_096 : nil)
                client.send(requests[number % requests.count])
                for _ in 0..<(number % 7) { server.turn() }
                client.receive()
                switch number % 4 {
                case 0: client.reset()
                case 1: client.endSending()
                default: break
                }
                client.disconnect()
            }
        }
    }

    @Test func aRequestThatWasRefusedByAFullLineLeavesNothing() throws {
        let server = try TestServer(Self.app, maxWorkers: 1, queueLimit: 1)
        func load() throws {
            let clients = try (0..<20).map { _ in try server.client() }
            for client in clients { client.send(get("/hold")) }
            server.settle()
            for client in clients { client.disconnect() }
            server.run { server.server.connectionCount == 0 && server.scheduler.liveCount == 0 }
        }
        try load()
        let before = Footprint(server)
        let bytes = memory(server)
        for _ in 0..<20 { try load() }
        #expect(Footprint(server) == before)
        #expect(memory(server) - bytes < 4_096)
    }

    @Test func connectionsAreReleased() throws {
        weak var connection: HTTPConnection?
        weak var server: HTTPServer?
        do {
            let test = try TestServer(Self.app)
            server = test.server
            let client = try test.client()
            client.send(get("/park") + get("/hold"))
            _ = try client.response()
            connection = test.server.table.connections.compactMap(\.self).first
            #expect(connection != nil)
            client.disconnect()
            test.run { test.scheduler.liveCount == 0 }
        }
        #expect(connection == nil)
        #expect(server == nil)
    }

    @Test func aStopThatNobodyWaitsForReleasesAllTheSame() throws {
        weak var connection: HTTPConnection?
        weak var scheduler: Scheduler?
        do {
            let test = try TestServer(Self.app, maxWorkers: 1)
            scheduler = test.scheduler
            let running = try test.client()
            running.send(get("/hold"))
            test.run { test.scheduler.parkedCount == 1 }
            let queued = try test.client()
            queued.send(get("/hold"))
            test.run { test.server.pool.queuedCount == 1 }
            connection = test.server.table.connections.compactMap(\.self).first
            test.server.stopNow()
            test.scheduler.close()
        }
        #expect(connection == nil)
        #expect(scheduler == nil)
    }

    @Test func anIdleServerTurnsItsLoopForNothing() throws {
        let server = try TestServer(Self.app)
        let client = try server.client()
        client.send(get("/hold"))
        server.run { server.scheduler.parkedCount == 1 }
        client.send(get("/hello"))
        server.settle()
        let events = server.loop.stats.events
        server.settle()
        #expect(server.loop.stats.events == events)
    }
}
