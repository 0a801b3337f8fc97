import HTTPWire
import Testing

@Suite struct ChunkedDecoderTests {
    let wiki = "4\r\nWiki\r\n7\r\npedia i\r\nB\r\nn \r\nchunks.\r\n0\r\n\r\n"

    // RFC 9112 §7.1.
    @Test func chunksAreJoinedToTheBody() {
        let decoded = Decoded(wiki + "GET /next")
        #expect(decoded.end == .finished)
        #expect(decoded.text == "Wikipedia in \r\nchunks.")
        #expect(decoded.consumed == wiki.utf8.count)
    }

    @Test func anEmptyBodyIsOneLastChunk() {
        let decoded = Decoded("0\r\n\r\n")
        #expect(decoded.end == .finished)
        #expect(decoded.body.isEmpty)
    }

    @Test func anyTwoSplitsGiveTheSameBody() {
        let bytes = Array(wiki.utf8)
        let whole = Decoded(bytes)
        for first in 0...bytes.count {
            for second in first...bytes.count where Decoded(bytes, splits: [first, second]) != whole {
                Issue.record("split at \(first) and \(second)")
            }
        }
    }

    @Test func noPrefixIsFinished() {
        for count in 0..<wiki.utf8.count {
            #expect(Decoded(Array(wiki.utf8.prefix(count))).end == .needsMore)
        }
    }

    @Test func sizesAreHexadecimalInEitherCase() {
        let body = String(repeating: "x", count: 0xAB)
        #expect(Decoded("ab\r\n\(body)\r\n0\r\n\r\n").text == body)
        #expect(Decoded("AB\r\n\(body)\r\n0\r\n\r\n").text == body)
        #expect(Decoded("000000ab\r\n\(body)\r\n0000\r\n\r\n").text == body)
    }

    @Test(arguments: [
        "\r\n", "x\r\n", " 5\r\n", "5 \r\n", "5\t\r\n", "+5\r\n", "-1\r\n", "0x5\r\n", "1_0\r\n", "g\r\n", ";a=b\r\n",
        "5\n", "5\rhello", "5\u{0}\r\n",
        "5,\r\n",
    ])
    func aMisspelledSizeIsRefused(text: String) {
        #expect(Decoded(text).refused == 400)
    }

    @Test(arguments: ["FFFFFFFFFFFFFFFF0\r\n", "8000000000000000\r\n", "FFFFFFFFFFFFFFFF\r\n", "10000000000000005\r\n"])
    func aSizeThatOverflowsIsRefused(text: String) {
        #expect(Decoded(text).refused == 400)
    }

    @Test(arguments: ["5\r\nhello0\r\n\r\n", "5\r\nhello!!\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\rx"])
    func chunkDataEndsWithItsLineEnd(text: String) {
        #expect(Decoded(text).refused == 400)
    }

    // RFC 9110 §15.5.14: refused when the size is announced, before the bytes come.
    @Test func aBodyOverTheLimitIsRefusedAtItsAnnouncement() {
        var limits = RequestLimits()
        limits.body = 10
        #expect(Decoded("a\r\n0123456789\r\n0\r\n\r\n", limits: limits).end == .finished)
        #expect(Decoded("b\r\n", limits: limits).refused == 413)
        #expect(Decoded("5\r\n01234\r\n6\r\n", limits: limits).refused == 413)
        #expect(Decoded("7fffffffffffffff\r\n", limits: limits).refused == 413)
    }

    @Test func aLongChunkLineIsRefused() {
        var limits = RequestLimits()
        limits.chunkLine = 12
        #expect(Decoded("0000000005\r\nhello\r\n0\r\n\r\n", limits: limits).end == .finished)
        #expect(Decoded("00000000005\r\nhello\r\n0\r\n\r\n", limits: limits).refused == 400)
        #expect(Decoded("5;abcdefghijk", limits: limits).refused == 400)
    }

    @Test func anErrorAndAnEndAreStable() {
        var failing = ChunkedDecoder()
        let bad = Array("x".utf8)
        let more = Array("5\r\nhello\r\n0\r\n\r\n".utf8)
        let first = bad.withUnsafeBytes { failing.next($0) }
        let second = more.withUnsafeBytes { failing.next($0) }
        #expect(first == second)
        #expect(first != .needsMore(consumed: 1))
        var finished = ChunkedDecoder()
        let end = Array("0\r\n\r\n".utf8)
        let last = end.withUnsafeBytes { finished.next($0) }
        let after = more.withUnsafeBytes { finished.next($0) }
        #expect(last == .finished(consumed: 5))
        #expect(after == .finished(consumed: 0))
    }

    @Test func nothingGivenNothingConsumed() {
        var decoder = ChunkedDecoder()
        let progress = decoder.next(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(progress == .needsMore(consumed: 0))
    }
}
