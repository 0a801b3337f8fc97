import EventLoop
import Foundation
import Testing
import WebSocketWire

@testable import GreenHttp

/// The WebSocket as Swift code has it, against the test servers.
@Suite(.enabled(if: HTTPHarness.hasServers, "needs scripts/test-servers"), .timeLimit(.minutes(1)))
struct WebSocketClientTests {
    private static func server(_ page: String) -> String {
        (ProcessInfo.processInfo.environment["GREENHOUSE_TEST_WS"] ?? "") + page
    }

    /// Gives a body a client on a loop of its own.
    private func withClient(_ body: (GreenHttp) async throws -> Void) async throws {
        let loop = try EventLoop(name: "websocket")
        loop.start()
        let http = try GreenHttp(on: loop)
        try await body(http)
        http.close()
        loop.execute { loop.stop() }
        loop.join()
    }

    @Test func messagesComeBackAsTheyWent() async throws {
        try await withClient { http in
            let socket = try await http.webSocket(Self.server("/?x"), subprotocols: ["chat"])
            #expect(socket.url == Self.server("/?x"))
            #expect(socket.subprotocol == "chat")
            #expect(socket.headers["upgrade"]?.lowercased() == "websocket")
            #expect(await socket.closing == nil)
            try await socket.send("größe")
            #expect(try await socket.receive() == .text("größe"))
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
            try await socket.send(bytes)
            #expect(try await socket.receive() == .binary(bytes))
            #expect(try await socket.ping() > .zero)
            try await socket.close(CloseCode(rawValue: 4000), reason: "done")
            try await socket.close()
            let closing = await socket.closing
            #expect(closing?.code.rawValue == 4000 && closing?.reason == "done")
            #expect(try await socket.receive() == nil)
        }
    }

    @Test func aLoopOverTheMessagesEndsWithTheServersClose() async throws {
        try await withClient { http in
            let socket = try await http.webSocket(Self.server("/push?n=100"))
            var seen: [WebSocketMessage] = []
            for try await message in socket { seen.append(message) }
            #expect(seen == (1...100).map { .text("\($0)") })
        }
    }

    @Test func aCancelledReceiveLeavesItUsable() async throws {
        try await withClient { http in
            let socket = try await http.webSocket(Self.server("/"))
            let waiting = Task { try await socket.receive() }
            waiting.cancel()
            await #expect(throws: HTTPClientError.self) { try await waiting.value }
            try await socket.send("x")
            #expect(try await socket.receive() == .text("x"))
        }
    }

    @Test func manyTasksSendAndReceive() async throws {
        try await withClient { http in
            let socket = try await http.webSocket(Self.server("/"))
            let received = try await withThrowingTaskGroup(of: WebSocketMessage?.self) { group in
                for number in 0..<50 {
                    group.addTask { try await socket.receive() }
                    group.addTask {
                        try await socket.send("\(number)")
                        return nil
                    }
                }
                var texts: Set<String> = []
                for try await case .text(let text)? in group { texts.insert(text) }
                return texts
            }
            #expect(received == Set((0..<50).map { "\($0)" }))
        }
    }

    @Test func aLostConnectionAndABrokenRuleAreThrown() async throws {
        try await withClient { http in
            let dropped = try await http.webSocket(Self.server("/drop"))
            try await dropped.send("x")
            let lost = await #expect(throws: HTTPClientError.self) { try await dropped.receive() }
            #expect(lost?.kind == .connection)
            #expect(await dropped.closing?.code == .abnormal)
            var options = WebSocketOptions()
            options.maxMessage = 10
            let big = try await http.webSocket(Self.server("/big?size=11"), options: options)
            let tooLarge = await #expect(throws: HTTPClientError.self) { try await big.receive() }
            #expect(tooLarge?.kind == .tooLarge)
        }
    }

    @Test func aRefusalIsThrownWithItsStatus() async throws {
        try await withClient { http in
            let refused = await #expect(throws: HTTPClientError.self) {
                _ = try await http.webSocket(Self.server("/reject?status=401"))
            }
            #expect(refused?.kind == .handshake && refused?.status == 401)
            let invalid = await #expect(throws: HTTPClientError.self) { _ = try await http.webSocket("/nowhere") }
            #expect(invalid?.kind == .invalid && invalid?.status == nil)
        }
    }

    @Test func aClosedClientEndsItsWebSockets() async throws {
        try await withClient { http in
            let socket = try await http.webSocket(Self.server("/"))
            let waiting = Task { try await socket.receive() }
            _ = try await socket.ping()
            http.close()
            let ended = await #expect(throws: HTTPClientError.self) { try await waiting.value }
            #expect(ended?.kind == .connection || ended?.kind == .cancelled)
            await #expect(throws: HTTPClientError.self) { try await socket.send("x") }
            await #expect(throws: HTTPClientError.self) { _ = try await http.webSocket(Self.server("/")) }
        }
    }
}
