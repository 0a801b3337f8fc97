import Glibc
import HTTPWire
import Testing

@Suite struct HTTPDateTests {
    private func format(_ second: Int64) -> String {
        var bytes = [UInt8](repeating: 0, count: HTTPDate.byteCount)
        bytes.withUnsafeMutableBytes { HTTPDate.format(second, into: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func reference(_ second: Int64) -> String {
        var parts = tm()
        var time = time_t(second)
        gmtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 64)
        let count = strftime(&text, 64, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // RFC 9110 §5.6.7.
    @Test func theExampleOfTheStandardIsWritten() {
        #expect(format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(format(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    @Test func everyThirdDayOfTheYears1900To2500IsWrittenAsTheSystemWritesIt() {
        var second: Int64 = -2_208_988_800
        while second < 16_725_225_600 {
            if format(second) != reference(second) { Issue.record("\(format(second)) for \(reference(second))") }
            second += 3 * 86_400 + 3_661
        }
    }

    @Test func secondsOutsideFourDigitYearsAreHeldInside() {
        #expect(format(Int64.max) == "Fri, 31 Dec 9999 23:59:59 GMT")
        #expect(format(Int64.min) == "Sat, 01 Jan 0000 00:00:00 GMT")
    }
}
