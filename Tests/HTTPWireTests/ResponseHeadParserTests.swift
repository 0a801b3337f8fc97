import HTTPWire
import Testing

@Suite struct ResponseHeadParserTests {
    let simple = "HTTP/1.1 200 All right\r\nContent-Length: 5\r\nX-Empty:\r\nSet-Cookie: a=b\r\n\r\n"

    @Test func aCompleteHeadSaysWhereItsPartsAre() {
        let parsed = Answered(simple + "hello")
        #expect(parsed.isComplete)
        #expect(parsed.head.status == 200)
        #expect(parsed.text(parsed.head.reason) == "All right")
        #expect(parsed.head.minorVersion == 1)
        #expect(parsed.fieldTexts == ["Content-Length=5", "X-Empty=", "Set-Cookie=a=b"])
        #expect(parsed.head.fieldCount == 3)
        #expect(parsed.head.byteCount == simple.utf8.count)
        #expect(parsed.head.framing == .length(5))
    }

    @Test func noPrefixIsCompleteOrRefused() {
        for count in 0..<simple.utf8.count {
            #expect(Answered(Array(simple.utf8.prefix(count))).progress == .needsMore, "prefix of \(count) bytes")
        }
    }

    @Test func bytesOneByOneGiveTheSameHead() {
        let bytes = Array(simple.utf8)
        #expect(Answered(bytes, splits: Array(0...bytes.count)) == Answered(bytes))
    }

    @Test func bytesOneByOneGiveTheSameRefusal() {
        let bytes = Array("HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n".utf8)
        let parsed = Answered(bytes, splits: Array(0...bytes.count))
        #expect(parsed.refused == .malformed)
        #expect(parsed == Answered(bytes))
    }

    @Test func aParserIsReusedAfterReset() {
        var parser = ResponseHeadParser()
        for (text, method) in [
            (simple, Method.get), ("HTTP/1.1 200 OK\nbad\r\n\r\n", .get), ("HTTP/1.0 404 No\r\n\r\n", .get),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .get), (simple, .head),
        ] {
            parser.reset(answering: method)
            let fresh = Answered(Array(text.utf8), to: method)
            let progress = Array(text.utf8).withUnsafeBytes { parser.parse($0) }
            #expect(progress == fresh.progress)
            guard progress == .complete else { continue }
            let head = parser.head
            let fields = Array(parser.fields)
            #expect(head == fresh.head)
            #expect(fields == fresh.fields)
        }
    }

    @Test func aVerdictStaysUntilReset() {
        var parser = ResponseHeadParser()
        let first = Array("HTTP/2.0 200 OK\r\n\r\n".utf8).withUnsafeBytes { parser.parse($0) }
        let second = Array(simple.utf8).withUnsafeBytes { parser.parse($0) }
        #expect(first == second)
        #expect(first != .complete)
    }

    @Test func interimHeadsAreReadOneAfterTheOther() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + simple
        var parser = ResponseHeadParser(answering: .get)
        var statuses: [Int] = []
        Array(text.utf8).withUnsafeBytes { raw in
            var offset = 0
            while parser.parse(UnsafeRawBufferPointer(rebasing: raw[offset...])) == .complete {
                statuses.append(parser.head.status)
                guard parser.head.isInterim else { break }
                offset += parser.head.byteCount
                parser.reset(answering: parser.method)
            }
        }
        #expect(statuses == [100, 103, 200])
    }

    @Test func fieldsAreFoundByNameInAnyCase() {
        var parser = ResponseHeadParser()
        let bytes = Array("HTTP/1.1 200 OK\r\nA: 1\r\nSet-Cookie: x\r\nset-COOKIE: y\r\n\r\n".utf8)
        bytes.withUnsafeBytes { raw in
            let progress = parser.parse(raw)
            #expect(progress == .complete)
            let first = parser.index(of: "set-cookie", in: raw, from: 0)
            let second = parser.index(of: "set-cookie", in: raw, from: 2)
            let third = parser.index(of: "set-cookie", in: raw, from: 3)
            #expect((first, second, third) == (1, 2, nil))
        }
    }

    @Test func aLineEndsWithCarriageReturnAndLineFeed() {
        #expect(Answered("HTTP/1.1 200 OK\nA: b\r\n\r\n").refused == .malformed)
        #expect(Answered("HTTP/1.1 200 OK\r\nA: b\n\r\n").refused == .malformed)
        #expect(Answered("HTTP/1.1 200 OK\r\nA: b\r\n\n").refused == .malformed)
        #expect(Answered("HTTP/1.1 200 OK\rA: b\r\n\r\n").refused == .malformed)
    }

    // Only a server skips empty lines (RFC 9112 §2.2).
    @Test func whatDoesNotBeginWithHTTPIsRefusedAtItsFirstWrongByte() {
        #expect(Answered("\r\n" + simple).refused == .malformed)
        #expect(Answered("S").refused == .malformed)
        #expect(Answered("HTTQ").refused == .malformed)
        #expect(Answered("ICY 200 OK\r\n").refused == .malformed)
        #expect(Answered([0x15, 0x03]).refused == .malformed)
    }

    @Test func aLongStatusLineIsRefused() {
        var limits = ResponseLimits()
        limits.statusLine = 20
        #expect(Answered("HTTP/1.1 200 56789\r\n\r\n", limits: limits).isComplete)
        #expect(Answered("HTTP/1.1 200 567890\r\n\r\n", limits: limits).refused == .tooLarge)
        #expect(Answered("HTTP/1.1 200 56789ab", limits: limits).refused == .tooLarge)
    }

    @Test func aLongHeaderSectionIsRefused() {
        var limits = ResponseLimits()
        limits.headBytes = 20
        let line = "HTTP/1.1 200 OK\r\n"
        #expect(Answered(line + "A: 3456789abcdef\r\n\r\n", limits: limits).isComplete)
        #expect(Answered(line + "A: 3456789abcdefg\r\n\r\n", limits: limits).refused == .tooLarge)
        #expect(Answered(line + String(repeating: "n", count: 19), limits: limits).progress == .needsMore)
        #expect(Answered(line + String(repeating: "n", count: 20), limits: limits).refused == .tooLarge)
    }
}
