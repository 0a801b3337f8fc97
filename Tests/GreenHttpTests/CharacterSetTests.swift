import Testing

@testable import GreenHttp

@Suite struct CharacterSetTests {
    private func decode(_ bytes: [UInt8], _ charset: String) -> String? {
        bytes.withUnsafeBytes { CharacterSet.decode($0, from: charset) }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func textOfOtherCharsetsBecomesUTF8() {
        #expect(decode([0x63, 0xE9], "iso-8859-1") == "cé")
        #expect(decode([0x80], "windows-1252") == "€")
        #expect(decode([0x82, 0xA0], "shift_jis") == "あ")
        #expect(decode([0xFF, 0xFE, 0x41, 0x00], "utf-16") == "A")
        #expect(decode([], "iso-8859-1") == "")
    }

    @Test func whatIsNoTextIsReplaced() {
        #expect(decode([0x41, 0xFF, 0x42], "us-ascii") == "A\u{FFFD}B")
        #expect(decode([0x41, 0x82], "shift_jis") == "A\u{FFFD}")
    }

    @Test func largeTextIsConvertedWhole() {
        let text = decode([UInt8](repeating: 0xE9, count: 100_000), "iso-8859-1")
        #expect(text == String(repeating: "é", count: 100_000))
    }

    @Test func anUnknownCharsetIsToldApart() {
        #expect(decode([0x41], "no-such-charset") == nil)
    }
}
