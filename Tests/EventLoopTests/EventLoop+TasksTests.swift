import Testing

@testable import EventLoop

@Suite struct EventLoopTasksTests {
    let loop: EventLoop

    init() throws {
        loop = try EventLoop(clock: .manual)
    }

    @Test func tasksRunInOrderAndOnce() {
        var order: [Int] = []
        let tasks = (0..<3).map { number in TestTask { _ in order.append(number) } }
        for task in tasks { loop.enqueue(task) }
        loop.enqueue(tasks[0])
        #expect(tasks[0].isEnqueued)
        loop.runOnce(blocking: true)
        #expect(order == [0, 1, 2])
        #expect(!tasks[0].isEnqueued)
        #expect(loop.stats.tasksRun == 3)
        loop.enqueue(tasks[0])
        loop.runOnce(blocking: true)
        #expect(order == [0, 1, 2, 0])
    }

    @Test func aTaskEnqueuedByATaskRunsInTheNextTurn() {
        let second = TestTask()
        let first = TestTask { [unowned loop] first in
            loop.enqueue(second)
            loop.enqueue(first)
        }
        loop.enqueue(first)
        loop.runOnce(blocking: true)
        #expect(first.calls == 1 && second.calls == 0)
        loop.runOnce(blocking: true)
        #expect(first.calls == 2 && second.calls == 1)
    }

    @Test func ofTheBackgroundOneTaskRunsInEachTurnByTurns() {
        var order: [Int] = []
        let long = (1...2).map { number in
            TestTask { [unowned loop] task in
                order.append(number)
                if order.count < 5 { loop.enqueueInBackground(task) }
            }
        }
        for task in long { loop.enqueueInBackground(task) }
        loop.enqueue(TestTask { _ in order.append(0) })
        loop.runOnce(blocking: true)
        #expect(order == [0, 1])
        #expect(loop.hasPendingWork)
        loop.runOnce(blocking: true)
        #expect(order == [0, 1, 2])
        loop.runUntilIdle()
        #expect(order == [0, 1, 2, 1, 2, 1])
    }

    @Test func jobsThatFollowFromOthersRunBeforeTheBackground() throws {
        let order = TestShared<[String]>([])
        let task = TestTask { _ in order.withLock { $0.append("long") } }
        loop.enqueueInBackground(task)
        loop.execute { [unowned loop] in
            order.withLock { $0.append("first") }
            loop.execute { order.withLock { $0.append("second") } }
        }
        loop.runOnce(blocking: true)
        #expect(order.withLock { $0 } == ["first", "second", "long"])
    }

    @Test func jobsWithoutEndDoNotKeepTheBackgroundFromItsTurn() {
        let task = TestTask()
        loop.enqueueInBackground(task)
        @Sendable func again(_ loop: EventLoop) { loop.execute { [unowned loop] in again(loop) } }
        again(loop)
        loop.runOnce(blocking: true)
        #expect(task.calls == 1)
    }

    @Test func aTaskEnqueuedByATimerRunsInTheSameTurn() {
        let task = TestTask()
        loop.schedule(TestTimer { [unowned loop] _ in loop.enqueue(task) }, at: loop.now)
        loop.runOnce(blocking: true)
        #expect(task.calls == 1)
    }

    @Test func descriptorsAreLookedAtWhileTasksKeepComing() throws {
        let pipe = try TestPipe()
        pipe.fill()
        let handler = TestHandler()
        try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
        let task = TestTask { [unowned loop] task in if task.calls < 10 { loop.enqueue(task) } }
        loop.enqueue(task)
        for _ in 0..<10 { loop.runOnce(blocking: true) }
        #expect(task.calls == 10)
        #expect(handler.calls == 10)
        #expect(loop.stats.wakeUps == 0, "a turn with tasks must not sleep")
    }

    @Test func tasksAreRetainedWhileEnqueuedOnly() {
        weak var weakTask: TestTask?
        do {
            let task = TestTask()
            weakTask = task
            loop.enqueue(task)
        }
        #expect(weakTask != nil)
        loop.runOnce(blocking: true)
        #expect(weakTask == nil)
    }

    @Test func tasksLeftInAReleasedLoopAreLetGoOf() throws {
        weak var weakTask: TestTask?
        let kept = TestTask()
        do {
            let loop = try EventLoop()
            let task = TestTask()
            weakTask = task
            loop.enqueue(task)
            loop.enqueue(kept)
        }
        #expect(weakTask == nil)
        #expect(!kept.isEnqueued)
    }
}
