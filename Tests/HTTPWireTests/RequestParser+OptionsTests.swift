import HTTPWire
import Testing

@Suite struct RequestParserOptionsTests {
    private func http10(_ line: String) -> Parsed { Parsed("GET / HTTP/1.0\r\n\(line)\r\n\r\n") }

    // RFC 9112 §9.3.
    @Test func aConnectionPersistsByVersionAndOption() {
        #expect(get().head.keepAlive)
        #expect(!get("Connection: close").head.keepAlive)
        #expect(!get("Connection: a ,\tCLOSE , b").head.keepAlive)
        #expect(!get("Connection: keep-alive", "Connection: close").head.keepAlive)
        #expect(get("Connection: closed").head.keepAlive)
        #expect(!http10("A: b").head.keepAlive)
        #expect(http10("Connection: Keep-Alive").head.keepAlive)
        #expect(!http10("Connection: keep-alive, close").head.keepAlive)
    }

    // RFC 9110 §5.6.1.2: empty list items are ignored.
    @Test func emptyListItemsAreIgnored() {
        #expect(get("Connection:").head.keepAlive)
        #expect(!get("Connection: , ,close,").head.keepAlive)
    }

    // RFC 9110 §7.8.
    @Test func anUpgradeIsOfferedByTwoFieldsInHTTP11() {
        #expect(get("Connection: Upgrade", "Upgrade: websocket").head.upgrade)
        #expect(get("Upgrade: websocket", "Connection: keep-alive, upgrade").head.upgrade)
        #expect(!get("Upgrade: websocket").head.upgrade)
        #expect(!get("Connection: upgrade").head.upgrade)
        #expect(!Parsed("GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n").head.upgrade)
    }

    // RFC 9110 §10.1.1.
    @Test func aBodyMayWaitForContinue() {
        #expect(post("Expect: 100-continue", "Content-Length: 1").head.expectsContinue)
        #expect(post("Content-Length: 1", "Expect: 100-Continue").head.expectsContinue)
        #expect(!post("Content-Length: 1").head.expectsContinue)
    }

    @Test func aRequestWithoutABodyDoesNotWait() {
        #expect(get("Expect: 100-continue").isComplete)
        #expect(!get("Expect: 100-continue").head.expectsContinue)
    }

    @Test func anExpectationInHTTP10IsIgnored() {
        let parsed = Parsed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        #expect(parsed.isComplete)
        #expect(!parsed.head.expectsContinue)
    }

    @Test(arguments: ["200-ok", "100-continue, x", "100-continued", "x=y"])
    func otherExpectationsFail(value: String) {
        #expect(post("Content-Length: 1", "Expect: \(value)").refused == 417)
    }
}
