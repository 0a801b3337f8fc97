import Testing

@testable import GreenWSGI

@Suite struct AccessLogTimeTests {
    private func forms(_ second: Int64) -> [String] {
        var time = AccessLogTime()
        time.move(to: second)
        return [text(time.common), text(time.internet)]
    }

    @Test(arguments: [
        (0, "01/Jan/1970:00:00:00 +0000", "1970-01-01T00:00:00Z"),
        (951_782_400, "29/Feb/2000:00:00:00 +0000", "2000-02-29T00:00:00Z"),
        (1_798_761_599, "31/Dec/2026:23:59:59 +0000", "2026-12-31T23:59:59Z"),
        (-1, "31/Dec/1969:23:59:59 +0000", "1969-12-31T23:59:59Z"),
        (4_102_444_800, "01/Jan/2100:00:00:00 +0000", "2100-01-01T00:00:00Z"),
    ])
    func aSecondIsFormattedInUTC(_ second: Int64, _ common: String, _ internet: String) {
        #expect(forms(second) == [common, internet])
    }

    @Test func movingOnReplacesTheText() {
        var time = AccessLogTime()
        time.move(to: 0)
        time.move(to: 61)
        #expect(text(time.common) == "01/Jan/1970:00:01:01 +0000")
        #expect(text(time.internet) == "1970-01-01T00:01:01Z")
    }

    @Test func everyMonthHasItsName() {
        let names = (0..<12).map { String(forms(Int64($0) * 2_629_746 + 86_400 * 3)[0].dropFirst(3).prefix(3)) }
        #expect(names == ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
    }
}
