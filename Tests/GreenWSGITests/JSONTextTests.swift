import Foundation
import Testing

@testable import GreenWSGI

@Suite struct JSONTextTests {
    private func json(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        withRaw(bytes) { JSONText.appendString($0, to: &output) }
        return text(output)
    }

    @Test func plainAndForeignTextStaysAsItIs() {
        #expect(json(Array("héllo €😀 /path".utf8)) == "\"héllo €😀 /path\"")
        #expect(json([]) == "\"\"")
    }

    @Test func quotesBackslashesAndControlsAreEscaped() {
        #expect(
            json(Array("a\"b\\c\n\r\t\u{8}\u{C}\u{0}\u{1B}\u{7F}".utf8)) == #""a\"b\\c\n\r\t\b\f\u0000\u001b\u007f""#)
    }

    @Test func c1ControlsAreEscaped() {
        #expect(json([0xC2, 0x9B]) == #""\u009b""#)
        #expect(json([0xC2, 0xA0]) == "\"\u{A0}\"")
    }

    @Test func theExamplesOfTheUnicodeStandardAreReplacedAsItSays() {
        // Tables 3-8 to 3-11 of the standard: non-shortest forms, surrogates, other faults, truncated sequences.
        let unit = "\u{FFFD}"
        #expect(
            json([0xC0, 0xAF, 0xE0, 0x80, 0xBF, 0xF0, 0x81, 0x82, 0x41]) == "\"" + String(repeating: unit, count: 8)
                + "A\"")
        #expect(
            json([0xED, 0xA0, 0x80, 0xED, 0xBF, 0xBF, 0xED, 0xAF, 0x41]) == "\"" + String(repeating: unit, count: 8)
                + "A\"")
        #expect(
            json([0xF4, 0x91, 0x92, 0x93, 0xFF, 0x41, 0x80, 0xBF, 0x42])
                == "\"" + String(repeating: unit, count: 5) + "A" + unit + unit + "B\"")
        #expect(
            json([0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF, 0x41]) == "\"" + String(repeating: unit, count: 4)
                + "A\"")
    }

    @Test func everyPairOfBytesIsReadBackByAParserAsTheStandardLibraryRepairsIt() throws {
        for first in UInt8.min...UInt8.max {
            for second in stride(from: UInt8.min, through: 0xFD, by: 11) {
                let bytes = [first, second, 0x80]
                let read = try JSONDecoder().decode([String].self, from: Data("[\(json(bytes))]".utf8))
                #expect(Array((read.first ?? "").utf8) == Array(text(bytes).utf8), "\(bytes)")
            }
        }
    }
}
