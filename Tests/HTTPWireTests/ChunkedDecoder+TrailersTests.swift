import HTTPWire
import Testing

@Suite struct ChunkedDecoderTrailersTests {
    private func decode(_ trailers: String, _ limits: RequestLimits = RequestLimits()) -> Decoded {
        Decoded("1\r\nx\r\n0\r\n\(trailers)\r\n", limits: limits)
    }

    // RFC 9112 §7.1.2, RFC 9110 §6.5.1.
    @Test(arguments: [
        "X-Checksum: abc\r\n", "A:\r\nB: \tc d\t\r\n", "Hos: a\r\n", "Hostess: a\r\n", "Content-Lengt: 1\r\n",
        "é: x\r\n".lowercased(),
    ])
    func trailersAreDroppedWhenTheyAreFields(trailers: String) {
        let decoded = decode(trailers)
        let valid = trailers.utf8.allSatisfy { $0 < 0x80 }
        #expect((decoded.end == .finished) == valid)
        #expect(decoded.text == "x")
    }

    @Test(arguments: [
        " folded: a\r\n", "A: b\r\n c\r\n", ": a\r\n", "NoColon\r\n", "A : b\r\n", "A: b\u{0}\r\n", "A: b\rc\r\n",
        "A: b\n", "\n", "\rx", "A\u{1}: b\r\n",
    ])
    func malformedTrailersAreRefused(trailers: String) {
        #expect(decode(trailers).refused == 400)
    }

    // RFC 9110 §6.5.1: fields needed for framing or routing must not come in trailers.
    @Test(arguments: ["Content-Length: 5\r\n", "TRANSFER-ENCODING: chunked\r\n", "A: b\r\nhost: c\r\n"])
    func framingAndHostInTrailersAreRefused(trailers: String) {
        #expect(decode(trailers).refused == 400)
    }

    // RFC 6585 §5.
    @Test func tooManyOrTooLongTrailersAreRefused() {
        var limits = RequestLimits()
        limits.trailerCount = 2
        #expect(decode("A: b\r\nA: b\r\n", limits).end == .finished)
        #expect(decode("A: b\r\nA: b\r\nA: b\r\n", limits).refused == 431)
        limits = RequestLimits()
        limits.trailerBytes = 7
        #expect(decode("A: b\r\n", limits).end == .finished)
        #expect(decode("A: bc\r\n", limits).refused == 431)
    }
}
