import Glibc
import Synchronization
import Testing

@testable import EventLoop

/// An actor that lives on a loop.
private actor Resident {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var visits = 0

    init(loop: EventLoop) {
        self.loop = loop
    }

    func visit() -> Bool {
        visits += 1
        return loop.isOnLoop
    }

    /// Jobs that the loop ran for calls of the actor's own async functions.
    func jobsOfNestedCalls() async -> Int {
        let before = loop.stats.jobsRun
        for _ in 0..<10 { await nested() }
        return loop.stats.jobsRun - before
    }

    private func nested() async { visits += 1 }
}

@Suite struct EventLoopExecutorTests {
    @Test func jobsRunInOrderOfArrivalAndNeverInsideTheCall() throws {
        let loop = try EventLoop()
        let order = TestShared<[Int]>([])
        loop.execute {
            order.withLock { $0.append(1) }
            loop.execute { order.withLock { $0.append(3) } }
            order.withLock { $0.append(2) }
        }
        #expect(order.withLock { $0.isEmpty })
        loop.runUntilIdle()
        #expect(order.withLock { $0 } == [1, 2, 3])
        #expect(loop.stats.turns == 2)
    }

    @Test func jobsFromManyThreadsAllRunAndEachThreadsInOrder() throws {
        let loop = try EventLoop()
        let seen = TestShared<[[Int]]>(Array(repeating: [], count: 4))
        let left = Atomic(4000)
        for thread in 0..<4 {
            #expect(
                SystemThread.spawnInheriting("writer") {
                    for number in 0..<1000 {
                        loop.execute {
                            seen.withLock { $0[thread].append(number) }
                            if left.subtract(1, ordering: .relaxed).newValue == 0 { loop.stop() }
                        }
                    }
                } == 0)
        }
        loop.run()
        #expect(seen.withLock { $0 } == Array(repeating: Array(0..<1000), count: 4))
    }

    @Test func anActorCanLiveOnTheLoop() async throws {
        let loop = try EventLoop()
        loop.start()
        let resident = Resident(loop: loop)
        for _ in 0..<100 { #expect(await resident.visit()) }
        #expect(await resident.visits == 100)
        loop.stop()
        loop.join()
    }

    @Test func anActorsCallsOfItsOwnAreNotPutInLineAgain() async throws {
        let loop = try EventLoop()
        loop.start()
        let resident = Resident(loop: loop)
        #expect(await resident.jobsOfNestedCalls() == 0)
        loop.stop()
        loop.join()
    }

    @Test func aTaskThatPrefersTheLoopIsNotPutInLineAgain() async throws {
        @concurrent func nested() async -> Bool { true }
        let loop = try EventLoop()
        loop.start()
        let jobs = await Task(executorPreference: loop.taskExecutor) {
            _ = await nested()
            let before = loop.stats.jobsRun
            for _ in 0..<10 { _ = await nested() }
            return loop.stats.jobsRun - before
        }.value
        #expect(jobs == 0)
        loop.stop()
        loop.join()
    }

    @Test func aTaskCanPreferTheLoop() async throws {
        let loop = try EventLoop()
        loop.start()
        let sum = await Task(executorPreference: loop.taskExecutor) {
            var sum = 0
            await withTaskGroup(of: Int.self) { group in
                for number in 1...10 { group.addTask { loop.isOnLoop ? number : 0 } }
                for await number in group { sum += number }
            }
            await Task.yield()
            return loop.isOnLoop ? sum : 0
        }.value
        #expect(sum == 55)
        loop.stop()
        loop.join()
    }

    @Test func aHandlerIsInsideTheActorsIsolation() throws {
        let loop = try EventLoop()
        let resident = Resident(loop: loop)
        let pipe = try TestPipe()
        pipe.fill()
        let handler = TestHandler { handler, _ in
            #expect(resident.assumeIsolated { $0.visits } == 0)
            loop.deregister(handler)
        }
        try loop.register(handler, descriptor: pipe.readEnd, for: .readable)
        loop.runUntilIdle()
        #expect(handler.calls == 1)
        #expect(loop.isIsolatingCurrentContext() == true)
        loop.checkIsolated()
    }

    @Test func anotherThreadIsOutsideTheIsolation() throws {
        let loop = try EventLoop()
        loop.start()
        #expect(loop.isIsolatingCurrentContext() == false)
        loop.stop()
        loop.join()
    }

    @Test func aTaskHandedToAStoppedLoopRunsWhenTheLoopDoes() async throws {
        let loop = try EventLoop()
        let task = Task(executorPreference: loop.taskExecutor) { 42 }
        loop.start()
        #expect(await task.value == 42)
        loop.stop()
        loop.join()
    }
}
