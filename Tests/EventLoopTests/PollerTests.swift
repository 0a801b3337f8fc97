import CSystem
import Glibc
import Synchronization
import Testing

@testable import EventLoop

/// What the stand-ins for system calls have seen. C function pointers capture nothing; each is used by one test.
private enum Seen {
    static let idleTimeout = Atomic<Int32>(0)
    static let interruptions = Atomic(0)
    static let preciseWaits = Atomic(0)
    static let milliseconds = Atomic<Int32>(0)
    static let deniedWaits = Atomic(0)
}

@Suite struct PollerTests {
    @Test func exhaustedDescriptorsAtEpollCreateAreReported() {
        var calls = LoopSystemCalls()
        calls.createEpoll = { -EMFILE }
        #expect(throws: EventLoopError(call: "epoll_create1", code: EMFILE)) { try EventLoop(calls: calls) }
    }

    @Test func exhaustedDescriptorsAtEventfdAreReported() {
        var calls = LoopSystemCalls()
        calls.createEventDescriptor = { -ENFILE }
        #expect(throws: EventLoopError(call: "eventfd", code: ENFILE)) { try EventLoop(calls: calls) }
    }

    @Test func aFailureToWatchTheEventfdIsReported() throws {
        var calls = LoopSystemCalls()
        calls.add = { _, _, _, _ in -ENOSPC }
        let error = try #require(throws: EventLoopError.self) { try EventLoop(calls: calls) }
        #expect(error.call == "epoll_ctl" && error.code == ENOSPC && error.descriptor >= 0)
    }

    @Test func aSignalDuringTheWaitIsNoFailure() throws {
        var calls = LoopSystemCalls()
        calls.wait = { epoll, events, capacity, timeout in
            if Seen.interruptions.add(1, ordering: .relaxed).newValue <= 3 { return -EINTR }
            return csystem_epoll_wait(epoll, events, capacity, timeout)
        }
        let loop = try EventLoop(calls: calls)
        let pipe = try TestPipe()
        let handler = TestHandler { handler, _ in loop.deregister(handler) }
        try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
        pipe.fill()
        loop.runUntilIdle()
        #expect(handler.calls == 1)
        #expect(Seen.interruptions.load(ordering: .relaxed) == 4)
    }

    @Test func whereTheKernelCannotWaitWithNanosecondsMillisecondsAreRoundedUp() throws {
        var calls = LoopSystemCalls()
        calls.waitNanoseconds = { _, _, _, _ in
            Seen.preciseWaits.add(1, ordering: .relaxed)
            return -ENOSYS
        }
        calls.wait = { _, _, _, timeout in
            Seen.milliseconds.store(timeout, ordering: .relaxed)
            return 0
        }
        let poller = try Poller(calls: calls)
        for (nanoseconds, expected) in [(1, 1), (1_000_000, 1), (1_000_001, 2), (Int64.max, Int32.max)] {
            #expect(poller.wait(timeout: nanoseconds) == 0)
            #expect(Seen.milliseconds.load(ordering: .relaxed) == expected)
        }
        #expect(Seen.preciseWaits.load(ordering: .relaxed) == 1, "the kernel was asked again")
        #expect(!poller.isPrecise)
    }

    @Test func aSandboxThatDeniesThePreciseWaitIsAnsweredWithTheOtherOne() throws {
        var calls = LoopSystemCalls()
        calls.waitNanoseconds = { _, _, _, _ in
            Seen.deniedWaits.add(1, ordering: .relaxed)
            return -EPERM
        }
        let loop = try EventLoop(calls: calls)
        let timer = TestTimer()
        loop.schedule(timer, at: loop.now + .milliseconds(2))
        loop.runUntilIdle()
        #expect(timer.calls == 1)
        #expect(Seen.deniedWaits.load(ordering: .relaxed) == 1)
    }

    @Test func aLoopWithNothingArmedWaitsForEver() throws {
        var calls = LoopSystemCalls()
        calls.wait = { _, _, _, timeout in
            Seen.idleTimeout.store(timeout, ordering: .relaxed)
            return 0
        }
        let loop = try EventLoop(calls: calls)
        loop.runOnce(blocking: true)
        #expect(Seen.idleTimeout.load(ordering: .relaxed) == -1)
        loop.runOnce(blocking: false)
        #expect(Seen.idleTimeout.load(ordering: .relaxed) == 0)
    }
}
