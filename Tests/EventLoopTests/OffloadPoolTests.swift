import Glibc
import Synchronization
import Testing

@testable import EventLoop

/// Lets a test wait for things that happen on other threads.
private final class Gate: Sendable {
    private let count = TestShared(0)

    func pass() {
        count.withLock { $0 += 1 }
    }

    func wait(for passes: Int) {
        count.wait { $0 >= passes }
    }
}

@Suite struct OffloadPoolTests {
    @Test func workOfOneThreadIsFirstInFirstOut() {
        let pool = OffloadPool(maximumThreads: 1)
        let order = TestShared<[Int]>([])
        let done = Gate()
        for number in 0..<3000 {
            pool.submit {
                order.withLock { $0.append(number) }
                done.pass()
            }
        }
        done.wait(for: 3000)
        #expect(order.withLock { $0 } == Array(0..<3000))
        #expect(pool.threadCount == 1)
    }

    @Test func threadsAreStartedUpToTheLimit() {
        let pool = OffloadPool(maximumThreads: 3)
        #expect(pool.threadCount == 0)
        let started = Gate()
        let release = Gate()
        let done = Gate()
        for _ in 0..<10 {
            pool.submit {
                started.pass()
                release.wait(for: 1)
                done.pass()
            }
        }
        started.wait(for: 3)
        #expect(pool.threadCount == 3)
        release.pass()
        done.wait(for: 10)
        #expect(pool.threadCount == 3)
    }

    @Test func aThreadThatHasNothingToDoEndsAndAnotherOneIsStarted() {
        let pool = OffloadPool(maximumThreads: 2, idleTime: .milliseconds(1))
        for round in 1...3 {
            let done = Gate()
            pool.submit { done.pass() }
            done.wait(for: 1)
            // The end of a detached thread gives no event to wait for.
            for _ in 0..<5000 where pool.threadCount > 0 { usleep(1000) }
            #expect(pool.threadCount == 0, "in round \(round)")
        }
    }

    @Test func workRunsInPlaceWhenTheSystemRefusesThreads() {
        let pool = OffloadPool(maximumThreads: 2, idleTime: .seconds(1)) { _, _ in EAGAIN }
        let ran = Atomic(0)
        pool.submit { ran.add(1, ordering: .relaxed) }
        pool.submit { ran.add(1, ordering: .relaxed) }
        let count = ran.load(ordering: .relaxed)
        #expect(count == 2)
        #expect(pool.threadCount == 0)
    }

    @Test func signalsAreBlockedOnItsThreads() {
        let pool = OffloadPool(maximumThreads: 1)
        let done = Gate()
        let blocked = Atomic(false)
        pool.submit {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            blocked.store(sigismember(&mask, SIGTERM) == 1, ordering: .relaxed)
            done.pass()
        }
        done.wait(for: 1)
        let isBlocked = blocked.load(ordering: .relaxed)
        #expect(isBlocked)
    }

    @Test func workIsReleasedWhenItIsDone() {
        final class Token: Sendable {}
        let pool = OffloadPool(maximumThreads: 1)
        weak var weakToken: Token?
        let done = Gate()
        do {
            let token = Token()
            weakToken = token
            pool.submit { _ = token }
        }
        // The first piece of work is gone before the second one begins.
        pool.submit { done.pass() }
        done.wait(for: 1)
        #expect(weakToken == nil)
    }
}
