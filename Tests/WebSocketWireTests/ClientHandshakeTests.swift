import Testing
import WebSocketWire

@Suite struct ClientHandshakeTests {
    private let key = HandshakeKey(text: "dGhlIHNhbXBsZSBub25jZQ==") ?? .random()

    // RFC 6455 §1.2 and §4.1.
    @Test func theRequestHoldsWhatTheStandardAsksFor() throws {
        let handshake = try ClientHandshake(
            host: "server.example.com", path: "/chat?a=b", subprotocols: ["chat", "superchat"],
            headers: [("Origin", "http://example.com"), ("X-Empty", "")], key: key)
        let expected = [
            "GET /chat?a=b HTTP/1.1", "Host: server.example.com", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: chat, superchat", "Origin: http://example.com", "X-Empty: ", "", "",
        ]
        #expect(String(decoding: handshake.request, as: UTF8.self) == expected.joined(separator: "\r\n"))
    }

    @Test func withoutSubprotocolsNoneAreNamed() throws {
        let handshake = try ClientHandshake(host: "[::1]:8080", key: key)
        let text = String(decoding: handshake.request, as: UTF8.self)
        #expect(text.hasPrefix("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n"))
        #expect(!text.lowercased().contains("protocol"))
        #expect(!text.lowercased().contains("extensions"))
    }

    @Test func everyHandshakeHasAKeyOfItsOwn() throws {
        #expect(try ClientHandshake(host: "a").key != ClientHandshake(host: "a").key)
    }

    @Test(arguments: ["", "a b", "a\r\nX: y", "a/b", "u@a", "\u{E4}"])
    func aHostThatCannotBeSentIsRefused(host: String) {
        #expect(refusal { try ClientHandshake(host: host) }?.hasPrefix("host: ") == true)
    }

    @Test(arguments: ["", "a", "/a b", "/a\r\nX: y", "/a#b", "/\u{E4}", "/\u{0}"])
    func aPathThatCannotBeSentIsRefused(path: String) {
        #expect(refusal { try ClientHandshake(host: "a", path: path) }?.hasPrefix("path: ") == true)
    }

    @Test(arguments: [[""], ["a b"], ["a,b"], ["a\r\n"], ["a", "b", "a"]])
    func subprotocolsAreDifferentTokens(names: [String]) {
        #expect(refusal { try ClientHandshake(host: "a", subprotocols: names) }?.hasPrefix("subprotocol: ") == true)
    }

    @Test(arguments: [
        ("Host", "b"), ("UPGRADE", "h2c"), ("connection", "close"), ("Sec-WebSocket-Extensions", "permessage-deflate"),
        ("sec-websocket-key", "x"), ("Content-Length", "1"), ("Transfer-Encoding", "chunked"), ("A b", "c"), ("", "c"),
        ("A", "b\r\nC: d"), ("A", "b\u{0}"), ("A:", "b"),
    ])
    func headersThatCannotBeSentAreRefused(name: String, value: String) {
        #expect(refusal { try ClientHandshake(host: "a", headers: [(name, value)]) }?.hasPrefix("header: ") == true)
    }

    private func refusal(_ body: () throws -> ClientHandshake) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            let error = error as? WebSocketError
            #expect(error?.closeCode == nil)
            return error?.message
        }
    }
}
