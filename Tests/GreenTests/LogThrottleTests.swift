import EventLoop
import Testing

@testable import Green

struct LogThrottleTests {
    private func time(_ milliseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: milliseconds * 1_000_000)
    }

    @Test func soManyASecondAreToldInFullAndTheRestCounted() {
        var failures = LogThrottle(most: 20, others: "more greens failed")
        let lines = (1...25).flatMap { failures.lines(for: "failure \($0)", at: time(1000)) }
        #expect(lines == (1...20).map { "failure \($0)" })
        #expect(
            failures.lines(for: "later", at: time(2500)) == [
                "5 more greens failed", "later",
            ])
        #expect(failures.takeLeftOut() == nil)
    }

    @Test func aNewSecondBeginsANewCount() {
        var failures = LogThrottle(most: 20, others: "more greens failed")
        let lines = (1...60).flatMap { failures.lines(for: "failure \($0)", at: time($0 * 100)) }
        #expect(lines.count == 60)
    }
}
