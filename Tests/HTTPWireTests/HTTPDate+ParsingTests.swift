import HTTPWire
import Testing

@Suite struct HTTPDateParsingTests {
    private func parse(_ text: String, now: Int64 = 1_700_000_000) -> Int64? {
        Array(text.utf8).withUnsafeBytes { HTTPDate.parse($0, now: now) }
    }

    // RFC 9110 §5.6.7.
    @Test(arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func theThreeFormsNameTheSameSecond(text: String) {
        #expect(parse(text) == 784_111_777)
    }

    @Test func everyLongWeekdayIsKnown() {
        for day in ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] {
            #expect(parse("\(day), 06-Nov-94 08:49:37 GMT") == 784_111_777)
        }
        #expect(parse("Monsday, 06-Nov-94 08:49:37 GMT") == nil)
    }

    // RFC 9110 §5.6.7: more than 50 years ahead means the century before.
    @Test func twoDigitYearsAreAtMostFiftyYearsAhead() {
        #expect(parse("Saturday, 01-Jan-73 00:00:00 GMT") == 3_250_454_400)
        #expect(parse("Saturday, 01-Jan-74 00:00:00 GMT") == 126_230_400)
    }

    @Test func formattedSecondsAreReadBack() {
        var bytes = [UInt8](repeating: 0, count: HTTPDate.byteCount)
        var second: Int64 = -62_167_219_200
        while second < 253_402_300_799 {
            bytes.withUnsafeMutableBytes { HTTPDate.format(second, into: $0) }
            let back = bytes.withUnsafeBytes { HTTPDate.parse($0, now: 0) }
            if back != second { Issue.record("\(second) was read as \(String(describing: back))") }
            second += 86_400 * 97 + 12_345
        }
    }

    @Test func aLeapSecondIsTheSecondAfter() {
        #expect(parse("Sat, 31 Dec 2016 23:59:60 GMT") == 1_483_228_800)
    }

    @Test(arguments: [
        "", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 6 Nov 1994 08:49:37 GMT ",
        "sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 2023 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994 ", "Sun Nov  6 08:49:37 1994 GMT",
        "Sun, 06 Nov 19x4 08:49:37 GMT",
        "Sun, 06 Nov +994 08:49:37 GMT",
    ])
    func anythingElseIsNoDate(text: String) {
        #expect(parse(text) == nil)
    }
}
