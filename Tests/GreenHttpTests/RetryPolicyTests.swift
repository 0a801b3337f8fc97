import Testing

@testable import GreenHttp

@Suite struct RetryPolicyTests {
    @Test func theWaitDoublesAndHasJitterOfHalf() {
        var policy = RetryPolicy()
        policy.backoff = 0.1
        for number in 0..<6 {
            let full = 0.1 * Double(1 << number)
            let waits = (0..<200).map { _ in policy.wait(before: number, retryAfter: nil) }
            #expect(waits.allSatisfy { $0 >= full / 2 && $0 <= full })
            #expect(Set(waits).count > 100)
        }
    }

    @Test func noWaitIsLongerThanTheLongest() {
        var policy = RetryPolicy()
        policy.longest = 2
        #expect(policy.wait(before: 30, retryAfter: nil) <= 2)
        #expect(policy.wait(before: 10_000, retryAfter: nil) <= 2)
        #expect(policy.wait(before: 0, retryAfter: 3600) == 2)
    }

    @Test func whatTheServerAsksForIsTheLeast() {
        let policy = RetryPolicy()
        #expect(policy.wait(before: 0, retryAfter: 5) == 5)
        #expect(policy.wait(before: 9, retryAfter: 1) >= 15)
    }

    @Test func onlyIdempotentMethodsAreRepeated() {
        var policy = RetryPolicy()
        #expect(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].allSatisfy(policy.mayRepeat))
        #expect(!["POST", "PATCH", "get", "LOCK"].contains(where: policy.mayRepeat))
        policy.repeatsUnsafe = true
        #expect(policy.mayRepeat("POST"))
    }
}
