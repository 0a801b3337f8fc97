import Testing

@testable import GreenHttp

@Suite struct VisibleTextTests {
    @Test func controlCharactersAreWrittenOut() {
        #expect(VisibleText.of("a\u{1B}[2J\u{7}\u{7F}\u{9B}z") == "a\\x1B[2J\\x07\\x7F\\x9Bz")
        #expect(VisibleText.of("a\r\nb\tc") == "a  b c")
    }

    @Test func otherTextStays() {
        #expect(
            VisibleText.of("GET http://bücher.example/: \u{A0}\"é\" 中") == "GET http://bücher.example/: \u{A0}\"é\" 中")
        #expect(HTTPClientError(.redirect, "to \u{1B}x").message == "to \\x1Bx")
    }
}
