import Testing

@testable import EventLoop

@Suite struct MonotonicTimeTests {
    @Test func theClockNeverGoesBackwards() {
        var last = MonotonicTime.now()
        for _ in 0..<1000 {
            let next = MonotonicTime.now()
            #expect(next >= last)
            last = next
        }
    }

    @Test func durationsAreAddedAndMeasured() {
        let start = MonotonicTime(nanoseconds: 500)
        let later = start + .microseconds(2)
        #expect(later.nanoseconds == 2500)
        #expect(later - start == .nanoseconds(2000))
        #expect(start - later == .nanoseconds(-2000))
    }

    @Test func partsOfANanosecondAreRoundedUp() {
        let duration = Duration(secondsComponent: 1, attosecondsComponent: 1)
        #expect((MonotonicTime(nanoseconds: 0) + duration).nanoseconds == 1_000_000_001)
    }

    @Test func sumsStayAtTheEndsOfTheScale() {
        #expect(MonotonicTime(nanoseconds: 1) + .seconds(Int64.max) == .distantFuture)
        #expect(MonotonicTime.distantFuture.advanced(byNanoseconds: 1) == .distantFuture)
        #expect(MonotonicTime(nanoseconds: .min).advanced(byNanoseconds: -1).nanoseconds == .min)
        #expect((MonotonicTime(nanoseconds: -5) + .seconds(Int64.min)).nanoseconds == .min)
        #expect(MonotonicTime.distantFuture - MonotonicTime(nanoseconds: -1) == .nanoseconds(Int64.max))
    }
}
