import HTTPWire
import Testing

@Suite struct ChunkedDecoderExtensionsTests {
    private func decode(_ sizeLine: String, _ limits: RequestLimits = RequestLimits()) -> Decoded {
        Decoded("\(sizeLine)\r\nhello\r\n0\r\n\r\n", limits: limits)
    }

    // RFC 9112 §7.1.1.
    @Test(arguments: [
        "5;a", "5;a=b", "5;a=b;c;d=e", "5 ; a = b", "5\t;\ta", "5;a=\"b c\"", "5;a=\"\\\"\\\\;\"", "5;a=\"\"",
        "5;a=\"\" ;b", "5;a=b ;c", "5;a ;c",
    ])
    func extensionsAreSkipped(line: String) {
        let decoded = decode(line)
        #expect(decoded.end == .finished)
        #expect(decoded.text == "hello")
    }

    @Test(arguments: [
        "5;", "5;;a", "5; ", "5;=b", "5;a=", "5;a=;b", "5;bad[=x", "5;a=b[", "5;a=\"b", "5;a=\"b\"c", "5;a b",
        "5;a=b c", "5;a=b ", "5;a ", "5;a=\"b\" ",
        "5;\u{0}ext", "5;a\rX", "5;a\nX", "5;a=\"\n\"", "5;a=\"\\\u{0}\"", "5;\nhello",
    ])
    func misspelledExtensionsAreRefused(line: String) {
        #expect(decode(line).refused == 400)
    }

    @Test func tooManyExtensionBytesInAllAreRefused() {
        var limits = RequestLimits()
        limits.chunkExtensionBytes = 6
        // An extension's bytes are those behind its semicolon, the carriage return with them.
        #expect(Decoded("1;a\r\nx\r\n1;b\r\nx\r\n1;c\r\nx\r\n0\r\n\r\n", limits: limits).end == .finished)
        #expect(Decoded("1;a\r\nx\r\n1;b\r\nx\r\n1;cd\r\nx\r\n0\r\n\r\n", limits: limits).refused == 400)
    }
}
