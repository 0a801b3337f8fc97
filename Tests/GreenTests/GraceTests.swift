import Testing

@testable import Green

/// How long a green may go on that is to end.
struct GraceTests {
    @Test func theGraceIsNoLongerThanTheDeadlineButASecondAtLeast() {
        #expect(RunLimits().grace() == .seconds(10))
        #expect(RunLimits(deadline: .seconds(3)).grace() == .seconds(3))
        #expect(RunLimits().grace(deadline: .milliseconds(5)) == .seconds(1))
        #expect(RunLimits(deadline: .seconds(3), grace: .seconds(7)).grace() == .seconds(7))
    }
}
