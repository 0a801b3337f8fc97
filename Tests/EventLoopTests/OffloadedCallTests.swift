import Testing

@testable import EventLoop

@Suite struct OffloadedCallTests {
    @Test func whatTheCompletionHoldsIsReleasedByTheLoopNotByWhoeverHasTheCallLast() {
        final class Token: Sendable {}
        weak var weakToken: Token?
        var result = 0
        let call: TypedOffloadedCall<Int>
        do {
            let token = Token()
            weakToken = token
            call = TypedOffloadedCall(
                work: { 7 }, completion: { value in withExtendedLifetime(token) { result = value } })
        }
        call.compute()
        #expect(weakToken != nil && result == 0)
        call.finish()
        #expect(weakToken == nil && result == 7)
        withExtendedLifetime(call) {}
    }

    @Test func whatTheWorkHoldsIsReleasedWhenItIsDone() {
        final class Token: Sendable {}
        weak var weakToken: Token?
        let call: TypedOffloadedCall<Bool>
        do {
            let token = Token()
            weakToken = token
            call = TypedOffloadedCall(work: { withExtendedLifetime(token) { true } }, completion: { _ in })
        }
        call.compute()
        #expect(weakToken == nil)
        withExtendedLifetime(call) {}
    }
}
