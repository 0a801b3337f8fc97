import Glibc
import Testing

@testable import EventLoop

@Suite struct JobInboxTests {
    @Test func onlyTheFirstWriterOfASleepWakesTheLoop() {
        let inbox = JobInbox()
        #expect(inbox.arm())
        #expect(inbox.append(.closure {}))
        #expect(!inbox.append(.closure {}))
        #expect(!inbox.appendStop())
        #expect(inbox.hasItems)
    }

    @Test func nobodyWakesALoopThatIsAtWork() {
        let inbox = JobInbox()
        inbox.disarm()
        #expect(!inbox.append(.closure {}))
        #expect(!inbox.arm(), "it must not sleep over what has arrived")
        #expect(!inbox.append(.closure {}))
    }

    @Test func whatIsSwappedOutIsGoneFromTheInbox() {
        let inbox = JobInbox()
        var batch: [JobInbox.Item] = []
        _ = inbox.append(.closure {})
        _ = inbox.appendStop()
        _ = inbox.appendStop()
        inbox.swap(&batch)
        #expect(batch.count == 2)
        #expect(!inbox.hasItems)
        _ = inbox.appendStop()
        batch = []
        inbox.swap(&batch)
        #expect(batch.count == 1, "a stop after the first one was found counts again")
    }

    @Test func manyJobsOfARestingLoopAreOneWrite() throws {
        let loop = try EventLoop()
        for _ in 0..<100 { loop.execute {} }
        var count: UInt64 = 0
        #expect(read(loop.poller.wakeDescriptor, &count, 8) == 8)
        #expect(count == 1)
        loop.runUntilIdle()
        #expect(loop.stats.jobsRun == 100)
    }
}
