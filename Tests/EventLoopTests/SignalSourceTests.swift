import Glibc
import Testing

@testable import EventLoop

@Suite struct SignalSourceTests {
    /// Runs the body with two signals blocked on this thread only, and nothing pending afterwards.
    private func withBlockedSignals(_ body: () throws -> Void) rethrows {
        var previous = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &previous)
        SignalSource.block([SIGUSR1, SIGUSR2])
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        try body()
    }

    @Test func signalsAreToldOnTheLoop() throws {
        try withBlockedSignals {
            let loop = try EventLoop()
            var seen: [Int32] = []
            let source = try SignalSource(loop: loop, signals: [SIGUSR1, SIGUSR2]) { seen.append($0) }
            #expect(!loop.hasPendingWork, "listening to signals does not keep a program running")
            loop.runOnce(blocking: false)
            #expect(seen.isEmpty)
            pthread_kill(pthread_self(), SIGUSR1)
            loop.runOnce(blocking: true)
            #expect(seen == [SIGUSR1])
            pthread_kill(pthread_self(), SIGUSR2)
            pthread_kill(pthread_self(), SIGUSR2)
            loop.runOnce(blocking: true)
            #expect(seen == [SIGUSR1, SIGUSR2])
            source.cancel()
        }
    }

    @Test func aCancelledSourceTellsNothingMoreAndIsReleased() throws {
        try withBlockedSignals {
            let loop = try EventLoop()
            weak var weakSource: SignalSource?
            var seen: [Int32] = []
            do {
                let source = try SignalSource(loop: loop, signals: [SIGUSR1, SIGUSR2]) { signal in
                    seen.append(signal)
                    weakSource?.cancel()
                }
                weakSource = source
            }
            pthread_kill(pthread_self(), SIGUSR1)
            pthread_kill(pthread_self(), SIGUSR2)
            loop.runOnce(blocking: true)
            #expect(seen.count == 1, "the second one was pending when the first one cancelled")
            #expect(weakSource == nil)
            loop.runOnce(blocking: false)
            #expect(seen.count == 1)
            // Takes what is left, so that unblocking does not deliver it.
            let rest = try SignalSource(loop: loop, signals: [SIGUSR1, SIGUSR2]) { seen.append($0) }
            loop.runOnce(blocking: true)
            rest.cancel()
            #expect(seen.sorted() == [SIGUSR1, SIGUSR2].sorted())
        }
    }

    @Test func aSourceOutlivesNothingOfAReleasedLoop() throws {
        try withBlockedSignals {
            var loop: EventLoop? = try EventLoop()
            let source = try loop.map { try SignalSource(loop: $0, signals: [SIGUSR1]) { _ in } }
            #expect(source?.registration != nil)
            loop = nil
            #expect(source?.registration == nil)
            source?.cancel()
        }
    }
}
