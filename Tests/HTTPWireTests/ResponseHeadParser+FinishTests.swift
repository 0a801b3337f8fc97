import HTTPWire
import Testing

/// RFC 9112 §6.3 and §9.3.
@Suite struct ResponseHeadParserFinishTests {
    @Test func aResponseWithoutFramingFieldsLastsUntilTheConnectionCloses() {
        let head = answer().head
        #expect(head.framing == .untilClose)
        #expect(!head.keepAlive)
    }

    @Test func aContentLengthSaysWhereTheBodyEnds() {
        #expect(answer("200 OK", "Content-Length: 12").head.framing == .length(12))
        #expect(answer("200 OK", "Content-Length: 0").head.framing == .none)
        #expect(answer("200 OK", "Content-Length: 922337203685477580").head.framing == .length(922_337_203_685_477_580))
    }

    @Test(arguments: ["100 a", "103 a", "204 a", "304 a"])
    func someStatusesHaveNoBodyWhateverTheFieldsSay(status: String) {
        for line in ["Content-Length: 5", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip", "A: b"] {
            let head = answer(status, line).head
            #expect(head.framing == .none)
            #expect(head.keepAlive)
        }
    }

    @Test func theAnswerToHeadHasNoBody() {
        let head = answer(to: .head, "Content-Length: 5").head
        #expect(head.framing == .none)
        #expect(head.keepAlive)
        #expect(answer(to: .head, "Transfer-Encoding: chunked").head.framing == .none)
    }

    @Test func aSuccessfulConnectBecomesATunnel() {
        let head = answer(to: .connect, "Content-Length: 5").head
        #expect(head.framing == .none)
        #expect(!head.keepAlive)
        #expect(answer("407 No", to: .connect, "Content-Length: 5").head.framing == .length(5))
    }

    @Test func aLengthBesideChunksIsRefused() {
        #expect(answer("200 OK", "Content-Length: 5", "Transfer-Encoding: chunked").refused == .malformed)
        #expect(answer("200 OK", "Transfer-Encoding: chunked", "Content-Length: 5").refused == .malformed)
    }

    @Test func theConnectionOptionsAndTheVersionDecideOnKeepingAlive() {
        #expect(answer("200 OK", "Content-Length: 0").head.keepAlive)
        #expect(!answer("200 OK", "Content-Length: 0", "Connection: x, Close").head.keepAlive)
        #expect(!answer(version: "1.0", "Content-Length: 0").head.keepAlive)
        #expect(answer(version: "1.0", "Content-Length: 0", "Connection: Keep-Alive").head.keepAlive)
        #expect(!answer("200 OK", "Content-Length: 0", "Connection: keep-alive, close").head.keepAlive)
    }

    // RFC 9110 §7.8 and §15.2.2.
    @Test func switchingProtocolsEndsHTTP() {
        let head = answer("101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade").head
        #expect(head.upgrade)
        #expect(!head.keepAlive)
        #expect(!head.isInterim)
        #expect(head.framing == .none)
        #expect(!answer("426 a", "Upgrade: b", "Content-Length: 0").head.upgrade)
        #expect(!answer("426 a", "Connection: Upgrade", "Content-Length: 0").head.upgrade)
        #expect(!answer("101 a", version: "1.0", "Upgrade: b", "Connection: Upgrade").head.upgrade)
    }
}
