import Glibc
import Testing

@testable import EventLoop

@Suite struct EventLoopDescriptorsTests {
    let loop: EventLoop
    let first: TestPipe
    let second: TestPipe

    init() throws {
        loop = try EventLoop()
        first = try TestPipe()
        second = try TestPipe()
    }

    @Test func aReadyDescriptorIsReportedUntilItIsRead() throws {
        let handler = TestHandler()
        try loop.register(handler, descriptor: first.readEnd, for: .readable)
        loop.runOnce(blocking: false)
        #expect(handler.calls == 0)
        first.fill()
        loop.runOnce(blocking: true)
        loop.runOnce(blocking: true)
        #expect(handler.calls == 2)
        first.drain()
        loop.runOnce(blocking: false)
        #expect(handler.calls == 2)
        #expect(loop.stats.events == 2)
    }

    @Test func eventsSayWhatHappened() throws {
        var seen: [IOEvents] = []
        let handler = TestHandler { _, events in seen.append(events) }
        try loop.register(handler, descriptor: first.writeEnd, for: .writable)
        loop.runOnce(blocking: true)
        #expect(seen == [.writable])
    }

    @Test func aPeerThatStopsSendingIsReportedWhenAskedFor() throws {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { ends.forEach { close($0) } }
        var seen: IOEvents = []
        let handler = TestHandler { _, events in seen = events }
        try loop.register(handler, descriptor: ends[0], for: [.readable, .peerClosed])
        shutdown(ends[1], Int32(SHUT_WR))
        loop.runOnce(blocking: true)
        #expect(seen == [.readable, .peerClosed])
        shutdown(ends[1], Int32(SHUT_RDWR))
        shutdown(ends[0], Int32(SHUT_RDWR))
        loop.runOnce(blocking: true)
        #expect(seen.contains(.hangup))
    }

    @Test func aHandlerDeregisteredByAnotherOneInTheSameTurnIsNotCalled() throws {
        let handlers = [TestHandler(), TestHandler()]
        for (index, handler) in handlers.enumerated() {
            handler.body = { [loop] _, _ in loop.deregister(handlers[1 - index]) }
        }
        defer { handlers.forEach { $0.body = { _, _ in } } }
        try loop.register(handlers[0], descriptor: first.readEnd, for: .readable)
        try loop.register(handlers[1], descriptor: second.readEnd, for: .readable)
        first.fill()
        second.fill()
        loop.runOnce(blocking: true)
        #expect(handlers.map(\.calls).sorted() == [0, 1])
        #expect(loop.stats.staleEvents == 1)
    }

    @Test func aNewHandlerOnTheSameDescriptorDoesNotGetTheOldEvent() throws {
        let successor = TestHandler()
        let handlers = [TestHandler(), TestHandler()]
        let descriptors = [first.readEnd, second.readEnd]
        for (index, handler) in handlers.enumerated() {
            handler.body = { [loop] handler, _ in
                loop.deregister(handler)
                loop.deregister(handlers[1 - index])
                #expect(throws: Never.self) {
                    try loop.register(successor, descriptor: descriptors[1 - index], for: .readable)
                }
            }
            try loop.register(handler, descriptor: descriptors[index], for: .readable)
        }
        defer { handlers.forEach { $0.body = { _, _ in } } }
        first.fill()
        second.fill()
        loop.runOnce(blocking: true)
        #expect(successor.calls == 0)
        loop.runOnce(blocking: false)
        #expect(successor.calls == 1, "what is ready still is a new event for the new handler")
    }

    @Test func aReusedDescriptorNeverGetsAStaleEvent() throws {
        let empty = try TestPipe()
        let successor = TestHandler()
        let handlers = [TestHandler(), TestHandler()]
        let descriptors = [first.readEnd, second.readEnd]
        for (index, handler) in handlers.enumerated() {
            handler.body = { [loop] handler, _ in
                loop.deregister(handler)
                loop.deregister(handlers[1 - index])
                // The number now means another file, which is not ready.
                #expect(dup2(empty.readEnd, descriptors[1 - index]) >= 0)
                #expect(throws: Never.self) {
                    try loop.register(successor, descriptor: descriptors[1 - index], for: .readable)
                }
            }
            try loop.register(handler, descriptor: descriptors[index], for: .readable)
        }
        defer { handlers.forEach { $0.body = { _, _ in } } }
        first.fill()
        second.fill()
        loop.runOnce(blocking: true)
        loop.runOnce(blocking: false)
        #expect(successor.calls == 0)
        #expect(loop.stats.staleEvents == 1)
        empty.fill()
        loop.runOnce(blocking: true)
        #expect(successor.calls == 1)
    }

    @Test func aModificationHoldsForEventsFetchedAlready() throws {
        let handlers = [TestHandler(), TestHandler()]
        for (index, handler) in handlers.enumerated() {
            handler.body = { [loop] _, _ in
                #expect(throws: Never.self) { try loop.modify(handlers[1 - index], for: []) }
            }
        }
        defer { handlers.forEach { $0.body = { _, _ in } } }
        try loop.register(handlers[0], descriptor: first.readEnd, for: .readable)
        try loop.register(handlers[1], descriptor: second.readEnd, for: .readable)
        first.fill()
        second.fill()
        loop.runOnce(blocking: true)
        #expect(handlers.map(\.calls).sorted() == [0, 1])
    }

    @Test func aModifiedHandlerIsToldWhatItAsksForNow() throws {
        let handler = TestHandler()
        try loop.register(handler, descriptor: first.writeEnd, for: [])
        loop.runOnce(blocking: false)
        #expect(handler.calls == 0)
        try loop.modify(handler, for: .writable)
        #expect(handler.registration?.events == .writable)
        loop.runOnce(blocking: true)
        #expect(handler.calls == 1)
    }

    @Test func aDescriptorHasOneHandlerOnly() throws {
        let handler = TestHandler()
        try loop.register(handler, descriptor: first.readEnd, for: .readable)
        let other = TestHandler()
        #expect(throws: EventLoopError(call: "epoll_ctl", code: EEXIST, descriptor: first.readEnd)) {
            try loop.register(other, descriptor: first.readEnd, for: .readable)
        }
        #expect(other.registration == nil)
        // The place that was not taken is there for the next one.
        try loop.register(other, descriptor: second.readEnd, for: .readable)
        #expect(other.registration?.slot == 1)
    }

    @Test func aPlainFileCannotBeWatched() throws {
        let file = open("/proc/self/status", O_RDONLY)
        try #require(file >= 0)
        defer { close(file) }
        #expect(throws: EventLoopError(call: "epoll_ctl", code: EPERM, descriptor: file)) {
            try loop.register(TestHandler(), descriptor: file, for: .readable)
        }
    }

    @Test func deregisteringAClosedDescriptorDoesNotFail() throws {
        let handler = TestHandler()
        let duplicate = dup(first.readEnd)
        try loop.register(handler, descriptor: duplicate, for: .readable)
        close(duplicate)
        loop.deregister(handler)
        loop.deregister(handler)
        #expect(handler.registration == nil)
        #expect(!loop.hasPendingWork)
    }

    @Test func handlersAreRetainedWhileRegisteredOnly() throws {
        weak var weakHandler: TestHandler?
        do {
            let handler = TestHandler { [loop] handler, _ in loop.deregister(handler) }
            try loop.register(handler, descriptor: first.readEnd, for: .readable)
            weakHandler = handler
        }
        #expect(weakHandler != nil)
        first.fill()
        loop.runOnce(blocking: true)
        #expect(weakHandler == nil)
    }

    @Test func aHandlerThatDeregistersItselfLivesUntilAllHaveBeenTold() throws {
        first.fill()
        second.fill()
        weak var weakHandler: TestHandler?
        var livedOn = false
        do {
            let handler = TestHandler { [unowned loop] handler, _ in loop.deregister(handler) }
            weakHandler = handler
            try loop.register(handler, descriptor: first.readEnd, for: .readable)
        }
        let other = TestHandler { _, _ in livedOn = weakHandler != nil }
        try loop.register(other, descriptor: second.readEnd, for: .readable)
        loop.runOnce(blocking: true)
        #expect(other.calls == 1 && livedOn)
        #expect(weakHandler == nil)
        loop.deregister(other)
    }

    @Test func moreEventsThanFitInOneTurnAreAllDelivered() throws {
        let pipes = try (0..<200).map { _ in try TestPipe() }
        let handlers = pipes.map { _ in TestHandler { [loop] handler, _ in loop.deregister(handler) } }
        for (pipe, handler) in zip(pipes, handlers) {
            try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
            let writer = TestHandler { [loop] handler, _ in loop.deregister(handler) }
            try loop.register(writer, descriptor: pipe.writeEnd, for: .writable)
            pipe.fill()
        }
        loop.runUntilIdle()
        #expect(handlers.allSatisfy { $0.calls == 1 })
        #expect(loop.stats.events == 400, "more than the kernel hands over at once")
    }
}
