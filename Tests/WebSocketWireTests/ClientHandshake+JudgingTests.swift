import HTTPWire
import Testing
import WebSocketWire

/// RFC 6455 §4.1, the list of what the client must check.
@Suite struct ClientHandshakeJudgingTests {
    private static let good = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ]

    /// What becomes of this response: the subprotocol ("" for none) or the message of the error.
    private func judged(
        _ status: String = "HTTP/1.1 101 Switching Protocols", _ lines: [String] = good, asking: [String] = []
    ) throws -> String {
        let key = try #require(HandshakeKey(text: "dGhlIHNhbXBsZSBub25jZQ=="))
        let handshake = try ClientHandshake(host: "a", subprotocols: asking, key: key)
        let bytes = Array((([status] + lines).joined(separator: "\r\n") + "\r\n\r\n\u{1}").utf8)
        return try bytes.withUnsafeBytes { raw in
            var parser = ResponseHeadParser()
            let progress = parser.parse(raw)
            try #require(progress == .complete)
            do throws(WebSocketError) {
                return try handshake.judge(parser, in: raw) ?? ""
            } catch {
                #expect(error.closeCode == nil)
                return error.message
            }
        }
    }

    @Test func theAnswerOfTheStandardOpensTheConnection() throws {
        #expect(try judged() == "")
        #expect(try judged(lines("UPGRADE: WebSocket", "connection: keep-alive, upgrade", Self.good[2])) == "")
    }

    private func judged(_ lines: [String], asking: [String] = []) throws -> String {
        try judged("HTTP/1.1 101 Switching Protocols", lines, asking: asking)
    }

    private func lines(_ lines: String...) -> [String] { lines }

    @Test func anotherStatusIsNoAnswerToOpen() throws {
        #expect(
            try judged("HTTP/1.1 403 Forbidden", Self.good)
                == "handshake: answered with status 403 \"Forbidden\"; expected 101")
        #expect(try judged("HTTP/1.1 200", Self.good) == "handshake: answered with status 200; expected 101")
        #expect(try judged("HTTP/1.0 101 a", Self.good) == "handshake: answered in HTTP/1.0; expected HTTP/1.1")
    }

    @Test func theUpgradeIsToWebSocket() throws {
        #expect(try judged(Array(Self.good.dropFirst())) == "handshake: upgrade is missing; expected websocket")
        let other = lines("Upgrade: h2c", Self.good[1], Self.good[2])
        #expect(try judged(other) == "handshake: upgrade is \"h2c\"; expected websocket")
        #expect(try judged(lines("Upgrade: websocket, h2c", Self.good[1], Self.good[2])).contains("expected websocket"))
        #expect(try judged(Self.good + lines("Upgrade: websocket")).contains("more than once"))
    }

    @Test func theConnectionNamesTheUpgrade() throws {
        let message = "handshake: connection does not name upgrade; expected Connection: Upgrade"
        #expect(try judged(lines(Self.good[0], Self.good[2])) == message)
        #expect(try judged(lines(Self.good[0], "Connection: upgraded", Self.good[2])) == message)
    }

    @Test func theKeyIsAnswered() throws {
        #expect(
            try judged(Array(Self.good.prefix(2))).hasPrefix("handshake: sec-websocket-accept is missing; expected"))
        let wrong = Array(Self.good.prefix(2)) + lines("Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(
            try judged(wrong) == "handshake: sec-websocket-accept is \"S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\"; expected "
                + "\"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\"")
        #expect(try judged(Self.good + [Self.good[2]]).contains("more than once"))
    }

    @Test func anExtensionIsRefusedForNoneWasOffered() throws {
        #expect(
            try judged(Self.good + lines("Sec-WebSocket-Extensions: permessage-deflate"))
                == "handshake: sec-websocket-extensions is \"permessage-deflate\"; expected none")
        #expect(
            try judged(Self.good + lines("Sec-WebSocket-Extensions:", "sec-websocket-extensions: x")).contains("none"))
        #expect(try judged(Self.good + lines("Sec-WebSocket-Extensions:")) == "")
    }

    @Test func theSubprotocolIsOneOfThoseAskedFor() throws {
        let chat = Self.good + lines("Sec-WebSocket-Protocol: chat")
        #expect(try judged(chat, asking: ["soap", "chat"]) == "chat")
        #expect(try judged(Self.good, asking: ["chat"]) == "")
        #expect(try judged(chat) == "handshake: sec-websocket-protocol is \"chat\"; expected none")
        #expect(
            try judged(chat, asking: ["Chat", "soap"])
                == "handshake: sec-websocket-protocol is \"chat\"; expected one of Chat, soap")
        #expect(try judged(chat + lines("Sec-WebSocket-Protocol: chat"), asking: ["chat"]).contains("more than once"))
        let both = Self.good + lines("Sec-WebSocket-Protocol: chat, soap")
        #expect(try judged(both, asking: ["chat", "soap"]).contains("expected one of"))
    }

    @Test func aLongValueIsCutInTheError() throws {
        let long = lines("Upgrade: " + String(repeating: "x", count: 5_000))
        #expect(try judged(long).utf8.count < 300)
    }
}
