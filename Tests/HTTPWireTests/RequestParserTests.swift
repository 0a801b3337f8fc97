import HTTPWire
import Testing

@Suite struct RequestParserTests {
    let simple = "GET /a?b=c HTTP/1.1\r\nHost: example.com:8080\r\nX-Empty:\r\n\r\n"

    @Test func aCompleteHeadSaysWhereItsPartsAre() {
        let parsed = Parsed(simple + "rest")
        #expect(parsed.isComplete)
        #expect(parsed.text(parsed.head.methodName) == "GET")
        #expect(parsed.text(parsed.head.target) == "/a?b=c")
        #expect(parsed.text(parsed.head.authority) == "example.com:8080")
        #expect(parsed.text(parsed.head.host) == "example.com")
        #expect(parsed.fieldTexts == ["Host=example.com:8080", "X-Empty="])
        #expect(parsed.head.fieldCount == 2)
        #expect(parsed.head.byteCount == simple.utf8.count)
    }

    @Test func noPrefixIsCompleteOrRefused() {
        for count in 0..<simple.utf8.count {
            #expect(Parsed(Array(simple.utf8.prefix(count))).progress == .needsMore, "prefix of \(count) bytes")
        }
    }

    @Test func bytesOneByOneGiveTheSameHead() {
        let bytes = Array(simple.utf8)
        #expect(Parsed(bytes, splits: Array(0...bytes.count)) == Parsed(bytes))
    }

    @Test func bytesOneByOneGiveTheSameRefusal() {
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n".utf8)
        let parsed = Parsed(bytes, splits: Array(0...bytes.count))
        #expect(parsed.refused == 400)
        #expect(parsed == Parsed(bytes))
    }

    @Test func aParserIsReusedAfterReset() {
        var parser = RequestParser()
        for text in ["GET /one HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n", "bad\r\n", "PUT /two HTTP/1.0\r\n\r\n"] {
            parser.reset()
            let fresh = Parsed(text)
            let progress = Array(text.utf8).withUnsafeBytes { parser.parse($0) }
            #expect(progress == fresh.progress)
            guard progress == .complete else { continue }
            let head = parser.head
            let fields = Array(parser.fields)
            #expect(head == fresh.head)
            #expect(fields == fresh.fields)
        }
    }

    @Test func aParserThatGaveItsFieldTableBackWorksAgain() {
        var parser = RequestParser()
        let bytes = Array(simple.utf8)
        let first = bytes.withUnsafeBytes { parser.parse($0) }
        parser.resetReleasingStorage()
        let idleFields = parser.fields.count
        let second = bytes.withUnsafeBytes { parser.parse($0) }
        let fields = parser.fields.count
        #expect(first == .complete)
        #expect(idleFields == 0)
        #expect(second == .complete)
        #expect(fields == 2)
    }

    @Test func aVerdictStaysUntilReset() {
        var parser = RequestParser()
        let bad = Array("GET / HTTP/9.9\r\n\r\n".utf8)
        let good = Array(simple.utf8)
        let first = bad.withUnsafeBytes { parser.parse($0) }
        let second = good.withUnsafeBytes { parser.parse($0) }
        #expect(first == second)
        #expect(first != .complete)
    }

    // RFC 9112 §2.2: a server should ignore at least one empty line before the request line.
    @Test func aFewEmptyLinesBeforeTheRequestLineAreSkipped() {
        let parsed = Parsed("\r\n\r\n" + simple)
        #expect(parsed.isComplete)
        #expect(parsed.head.byteCount == simple.utf8.count + 4)
        #expect(parsed.text(parsed.head.target) == "/a?b=c")
    }

    @Test func manyEmptyLinesBeforeTheRequestLineAreRefused() {
        #expect(Parsed(String(repeating: "\r\n", count: 4) + simple).isComplete)
        #expect(Parsed(String(repeating: "\r\n", count: 5)).refused == 400)
    }

    @Test func aLeadingCarriageReturnWaitsForItsLineFeed() {
        #expect(Parsed("\r").progress == .needsMore)
        #expect(Parsed("\rG").refused == 400)
        #expect(Parsed("\nGET / HTTP/1.1\r\n").refused == 400)
    }

    @Test func bytesThatCannotBeginARequestAreRefusedAtOnce() {
        #expect(Parsed([0x16, 0x03, 0x01]).refused == 400)
        #expect(Parsed("   \r\n").refused == 400)
    }

    // RFC 9112 §2.2: bare line feeds may be taken for line ends, bare carriage returns must not. Neither is here.
    @Test func bareLineEndsAreRefused() {
        #expect(Parsed("GET / HTTP/1.1\nHost: a\r\n\r\n").refused == 400)
        #expect(Parsed("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n").refused == 400)
        #expect(Parsed("GET / HTTP/1.1\r\nHost: a\r\n\n").refused == 400)
        #expect(Parsed("GET / HTTP/1.1\rHost: a\r\n\r\n").refused == 400)
        #expect(get("X: a\rb").refused == 400)
        #expect(get("X: a\r").refused == 400)
    }

    // RFC 9112 §3: 414 for a target longer than the reader wants, 501 for a method longer than any it knows.
    @Test func aLongRequestLineIsRefusedForWhatIsLong() {
        var limits = RequestLimits()
        limits.requestLine = 40
        let fits = "GET /" + String(repeating: "a", count: 24) + " HTTP/1.1\r\n"
        #expect(fits.utf8.count == 40)
        #expect(Parsed(fits + "Host: a\r\n\r\n", limits: limits).isComplete)
        #expect(Parsed("GET /" + String(repeating: "a", count: 25) + " HTTP/1.1\r\n", limits: limits).refused == 414)
        #expect(Parsed("GET /" + String(repeating: "a", count: 35), limits: limits).refused == 414)
        #expect(Parsed("GET /" + String(repeating: "a", count: 34), limits: limits).progress == .needsMore)
        #expect(Parsed(String(repeating: "A", count: 40), limits: limits).refused == 501)
    }

    // RFC 9112 §3 recommends at least 8000 bytes.
    @Test func theDefaultRequestLineLimitIsAsWideAsRecommended() {
        let long = String(repeating: "a", count: 8_000 - 16)
        #expect(Parsed("GET /\(long) HTTP/1.1\r\nHost: a\r\n\r\n").isComplete)
    }

    // RFC 6585 §5.
    @Test func aLongHeaderSectionIsRefused() {
        var limits = RequestLimits()
        limits.headBytes = 30
        let line = "GET / HTTP/1.1\r\n"
        let fits = "Host: a\r\nX: 345678901234567\r\n\r\n"
        #expect(fits.utf8.count == 31)
        #expect(Parsed(line + fits, limits: limits).refused == 431)
        limits.headBytes = 31
        #expect(Parsed(line + fits, limits: limits).isComplete)
        #expect(Parsed(line + String(repeating: "n", count: 30), limits: limits).progress == .needsMore)
        #expect(Parsed(line + String(repeating: "n", count: 31), limits: limits).refused == 431)
    }

    @Test func aRefusalDependsNotOnWhereALongLineWasSplit() {
        var limits = RequestLimits()
        limits.requestLine = 40
        limits.headBytes = 40
        for text in [
            "GET /" + String(repeating: "a", count: 60) + " HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "b", count: 60) + "\r\n\r\n",
        ] {
            let bytes = Array(text.utf8)
            let whole = Parsed(bytes, limits: limits)
            #expect(whole.refused != nil)
            for split in 0..<bytes.count {
                #expect(Parsed(bytes, limits: limits, splits: [split]) == whole, "split at \(split)")
            }
        }
    }
}
