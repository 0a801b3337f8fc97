import HTTPWire
import Testing

@Suite struct ResponseHeadParserFieldsTests {
    // RFC 9112 §5.1.
    @Test func aValueIsTakenWithoutTheWhiteSpaceAroundIt() {
        #expect(answer("200 OK", "A:b", "C: \t d e \t ", "E:", "F: \t").fieldTexts == ["A=b", "C=d e", "E=", "F="])
    }

    // RFC 9112 §5.1: a proxy removes the white space before the colon; here such lines are refused.
    @Test(arguments: ["A : b", ": b", "A b", "A\u{0}: b", "A: b\u{0}c", "A: b\rc", " A: b", "\u{FC}: b"])
    func aMalformedLineIsRefused(line: String) {
        #expect(answer("200 OK", line).refused == .malformed)
    }

    // RFC 9112 §5.2.
    @Test func foldedLinesAreRefused() {
        #expect(answer("200 OK", "A: b", " c").refused == .malformed)
        #expect(answer("200 OK", "A: b", "\tc: d").refused == .malformed)
    }

    @Test func asManyFieldsAsTheLimitSaysAreRead() {
        var limits = ResponseLimits()
        limits.fieldCount = 40
        let line = "HTTP/1.1 200 OK\r\n"
        let fits = Answered(line + (0..<40).map { "F\($0): \($0)\r\n" }.joined() + "\r\n", limits: limits)
        #expect(fits.fieldTexts == (0..<40).map { "F\($0)=\($0)" })
        #expect(Answered(line + String(repeating: "A: b\r\n", count: 41), limits: limits).refused == .tooLarge)
    }

    @Test(arguments: ["", "-1", "+1", "01", "1 2", "1,1", "0x1", "9223372036854775808", "99999999999999999999"])
    func aContentLengthIsOnePlainNumber(value: String) {
        #expect(answer("200 OK", "Content-Length: \(value)").refused == .malformed)
    }

    @Test func framingFieldsComeOnceAndWithTheirOwnName() {
        #expect(answer("200 OK", "Content-Length: 1", "content-length: 1").refused == .malformed)
        #expect(answer("200 OK", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked").refused == .malformed)
        #expect(answer("200 OK", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked").refused == .malformed)
        #expect(answer("200 OK", "Content_Length: 1").refused == .malformed)
        #expect(answer("200 OK", "Transfer_Encoding: chunked").refused == .malformed)
    }

    // RFC 9112 §6.1 and §7.
    @Test func onlyChunkedIsSupported() {
        #expect(answer("200 OK", "Transfer-Encoding: Chunked").head.framing == .chunked)
        #expect(answer("200 OK", "Transfer-Encoding: gzip, chunked").refused == .unsupported)
        #expect(answer("200 OK", "Transfer-Encoding: gzip").refused == .unsupported)
        #expect(answer("200 OK", "Transfer-Encoding: chunked, gzip").refused == .malformed)
        #expect(answer("200 OK", "Transfer-Encoding: chunked, chunked").refused == .malformed)
        #expect(answer("200 OK", "Transfer-Encoding: \u{B}chunked").refused == .malformed)
        #expect(answer("200 OK", "Transfer-Encoding:").refused == .malformed)
        #expect(answer(version: "1.0", "Transfer-Encoding: chunked").refused == .malformed)
    }
}
