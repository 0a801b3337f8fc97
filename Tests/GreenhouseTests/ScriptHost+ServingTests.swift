import EventLoop
import Glibc
import Green
import GreenNet
import GreenWSGI
import LuaRuntime
import Testing

@testable import Greenhouse

struct ScriptHostServingTests {
    @Test func aFunctionAnswersRequests() async throws {
        try await withHost { host in
            try await host.register("version") { "1.0" }
            let app = try await host.load(
                "return function(request) green.sleep(0) return 'hello ' .. version() end", name: "app.lua")
            let server = try await host.serve(app, on: "127.0.0.1:0")
            let answer = try Self.get("/", from: server.address)
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.hasSuffix("\r\n\r\nhello 1.0"))
            await server.stop()
            await server.stop()
            #expect(throws: (any Error).self) { try Self.get("/", from: server.address) }
        }
    }

    @Test func anAppFileMayReturnARouteTable() async throws {
        try await withHost { host in
            try await host.registerAsync("user") { (id: Int) async in
                await Task.yield()
                return "user \(id)"
            }
            let source = """
                green.sleep(0)
                return GreenWSGI({ ["GET /users/7"] = function() return user(7) end })
                """
            let server = try await host.serve(ScriptFile(source: source, name: "app.lua"), on: "127.0.0.1:0")
            #expect(try Self.get("/users/7", from: server.address).hasSuffix("\r\n\r\nuser 7"))
            #expect(try Self.get("/nowhere", from: server.address).hasPrefix("HTTP/1.1 404 "))
        }
    }

    @Test func anAppThatIsNoneIsRefused() async throws {
        try await withHost { host in
            await #expect {
                try await host.serve(ScriptFile(source: "return 5", name: "app.lua"), on: "127.0.0.1:0")
            } throws: {
                ($0 as? LuaError)?.message.contains("GreenWSGI takes a function") == true
            }
            let app = try await host.load("return function() end", name: "app.lua")
            await #expect(throws: NetError.self) { try await host.serve(app, on: "127.0.0.1:x") }
        }
    }

    @Test func closingTheHostDropsConnections() async throws {
        try await withHost { host in
            let waits = Signal()
            try await host.register("waits") { waits.send() }
            let app = try await host.load("return function() waits() green.sleep(1000) end", name: "app.lua")
            let server = try await host.serve(app, on: "127.0.0.1:0")
            let socket = try Self.send("/", to: server.address)
            await waits.wait()
            await host.close()
            #expect(Self.readToEnd(socket) == "")
            await server.stop()
        }
    }

    @Test func aClosedHostLeavesNothingBehind() async throws {
        try await withHost { host in
            let waits = Signal()
            try await host.register("waits") { waits.send() }
            try await host.registerAsync("forever") { () async throws in
                waits.send()
                try await Task.sleep(for: .seconds(1000))
            }
            let app = try await host.load("return function() waits() green.sleep(1000) end", name: "app.lua")
            let server = try await host.serve(app, on: "127.0.0.1:0")
            let socket = try Self.send("/", to: server.address)
            await waits.wait()
            let call = Task { await luaError { () throws(LuaError) in try await host.run("forever()", name: "t") } }
            await waits.wait()
            let parts = try await host.parts()
            await host.close()
            #expect(await call.value?.kind == .closed)
            let left = await host.left(of: parts)
            #expect(left == [])
            close(socket)
            _ = app
        }
    }

    private struct NoConnection: Error {}

    /// Asks for a page over a connection of its own; the whole answer.
    private static func get(_ path: String, from address: SocketAddress) throws -> String {
        readToEnd(try send(path, to: address))
    }

    private static func send(_ path: String, to address: SocketAddress) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard address.withSockaddr({ connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            throw NoConnection()
        }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".utf8)
        #expect(write(descriptor, request, request.count) == request.count)
        return descriptor
    }

    private static func readToEnd(_ descriptor: Int32) -> String {
        defer { close(descriptor) }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count <= 0 { return String(decoding: answer, as: UTF8.self) }
            answer.append(contentsOf: chunk[..<count])
        }
    }
}

/// What must go when a host closes. Loop thread only.
// Safety: made and looked at in the host's isolation only.
private final class Parts: @unchecked Sendable {
    weak var scheduler: Scheduler?
    weak var lua: LuaState?
    weak var server: HTTPServer?
}

extension ScriptHost {
    fileprivate func parts() throws -> Parts {
        let parts = Parts()
        parts.scheduler = try core.opened()
        parts.lua = parts.scheduler?.lua
        parts.server = core.servers.first
        #expect(parts.lua != nil && parts.server != nil)
        return parts
    }

    fileprivate func left(of parts: Parts) -> [String] {
        var left: [String] = []
        if parts.scheduler != nil { left.append("scheduler") }
        if parts.lua != nil { left.append("lua") }
        if parts.server != nil { left.append("server") }
        return left
    }
}
