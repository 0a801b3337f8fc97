import Glibc
import Testing

@testable import EventLoop

@Suite struct EventLoopTests {
    @Test func aReleasedLoopClosesItsDescriptors() throws {
        // Two descriptors each, were they left open: an error at the limit, or a long listing.
        for _ in 0..<2000 { _ = try EventLoop() }
        let directory = try #require(opendir("/proc/self/fd"))
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        #expect(count < 2000)
    }

    @Test func aReleasedLoopLetsGoOfEverything() throws {
        weak var weakHandler: TestHandler?
        weak var weakTimer: TestTimer?
        weak var weakLoop: EventLoop?
        let pipe = try TestPipe()
        do {
            let loop = try EventLoop()
            let handler = TestHandler()
            let timer = TestTimer()
            try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
            loop.schedule(timer, at: .distantFuture)
            loop.runOnce(blocking: false)
            (weakHandler, weakTimer, weakLoop) = (handler, timer, loop)
        }
        #expect(weakLoop == nil)
        #expect(weakHandler == nil)
        #expect(weakTimer == nil)
    }

    @Test func jobsThatNeverRanAreReportedWhenTheLoopIsReleased() throws {
        let lines = TestShared<[String]>([])
        do {
            let loop = try EventLoop(name: "lost", calls: LoopSystemCalls()) { line in
                lines.withLock { $0.append(line) }
            }
            loop.execute {}
            loop.stop()
            loop.execute {}
        }
        let line = try #require(lines.withLock { $0.first })
        #expect(line.hasPrefix("event loop 'lost' was released with 2 job(s) that never ran"))
        #expect(lines.withLock { $0.count } == 1)
    }

    @Test func aLoopReleasedWithoutJobsReportsNothing() throws {
        let lines = TestShared<[String]>([])
        do {
            let loop = try EventLoop(calls: LoopSystemCalls()) { line in lines.withLock { $0.append(line) } }
            loop.execute {}
            loop.runUntilIdle()
            loop.stop()
        }
        #expect(lines.withLock { $0.isEmpty })
    }

    @Test func everyKindOfWorkIsPendingWork() throws {
        let loop = try EventLoop(clock: .manual)
        #expect(!loop.hasPendingWork)

        let pipe = try TestPipe()
        let handler = TestHandler()
        try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
        #expect(loop.hasPendingWork)
        loop.deregister(handler)
        #expect(!loop.hasPendingWork)
        try loop.register(handler, descriptor: pipe.readEnd, for: .readable, keepsLoopAlive: false)
        #expect(!loop.hasPendingWork)

        let timer = TestTimer()
        loop.schedule(timer, at: .distantFuture)
        #expect(loop.hasPendingWork)
        loop.cancel(timer)
        loop.schedule(TestTimer(keepsLoopAlive: false), at: .distantFuture)
        #expect(!loop.hasPendingWork)

        loop.enqueue(TestTask())
        #expect(loop.hasPendingWork)
        loop.runOnce(blocking: false)
        #expect(!loop.hasPendingWork)

        loop.addHold()
        loop.addHold()
        loop.removeHold()
        #expect(loop.hasPendingWork)
        loop.removeHold()
        #expect(!loop.hasPendingWork)

        loop.execute {}
        #expect(loop.hasPendingWork)
        loop.runOnce(blocking: false)
        #expect(!loop.hasPendingWork)
    }

    @Test func aLoopBelongsToItsMakerUntilAnotherThreadRunsIt() throws {
        let loop = try EventLoop()
        #expect(loop.isOnLoop)
        loop.start()
        #expect(!loop.isOnLoop)
        let seen = TestShared(false)
        loop.execute { seen.withLock { $0 = loop.isOnLoop } }
        loop.stop()
        loop.join()
        #expect(seen.withLock { $0 })
        #expect(!loop.isOnLoop)
        loop.runOnce(blocking: false)
        #expect(loop.isOnLoop)
    }
}
