import Synchronization

extension EventLoop {
    /// One pass: wait, descriptors, jobs, timers, tasks, one in the background.
    func turn(mayBlock: Bool) {
        counts.turns += 1
        let count = mayBlock ? waitForWork() : poller.wait(timeout: 0)
        nowIsFresh = false
        if count > 0 { deliver(count) }
        if inbox.hasItems { runJobs() }
        if !timers.isEmpty { fireDueTimers() }
        if !tasks.isEmpty { runTasks() }
        if !background.isEmpty { runBackground() }
    }

    /// Times that jobs which follow from others run before a task of the background: of a Swift task each step is one.
    private static let jobsBeforeBackground = 8

    private func runBackground() {
        var left = Self.jobsBeforeBackground
        while left > 0, inbox.hasItems {
            runJobs()
            if !tasks.isEmpty { runTasks() }
            left -= 1
        }
        guard !stopIsRequested, let task = background.popFirst() else { return }
        counts.tasksRun += 1
        task.run()
    }

    /// Sleeps until there is something to do, not at all when there is already. The number of events that came.
    private func waitForWork() -> Int32 {
        guard tasks.isEmpty, background.isEmpty, !inbox.hasItems else { return poller.wait(timeout: 0) }
        guard let deadline = timers.firstDeadline else { return sleep(-1) }
        switch clock {
        case .monotonic:
            updateNow()
            return sleep(max(0, deadline - cachedNow))
        case .manual:
            return sleep(deadline <= cachedNow ? 0 : -1)
        case .skipping:
            return waitSkipping(to: deadline)
        }
    }

    /// - Parameter timeout: nanoseconds; 0 only looks, negative waits for ever.
    private func sleep(_ timeout: Int64) -> Int32 {
        guard timeout != 0, inbox.arm() else { return poller.wait(timeout: 0) }
        let count = poller.wait(timeout: timeout)
        inbox.disarm()
        counts.wakeUps += 1
        if clock == .monotonic { cachedNow = MonotonicTime.now().nanoseconds }
        return count
    }

    /// The skipping clock: jumps to the deadline when nothing but a timer can come, else lets time pass for real.
    private func waitSkipping(to deadline: Int64) -> Int32 {
        guard deadline > cachedNow else { return poller.wait(timeout: 0) }
        if holds > 0 || offloadedCalls > 0 {
            let start = MonotonicTime.now().nanoseconds
            let count = sleep(deadline - cachedNow)
            cachedNow = min(deadline, cachedNow + MonotonicTime.now().nanoseconds - start)
            return count
        }
        // Housekeeping timers alone would have the clock jump for ever.
        guard timers.liveCount > 0 else { return sleep(-1) }
        let count = poller.wait(timeout: 0)
        if count == 0, !inbox.hasItems { cachedNow = deadline }
        return count
    }

    /// Tells the handlers. They may change the table: each event is matched when its turn comes.
    ///
    /// None of them is counted for its call: those that are deregistered meanwhile are let go of behind the last.
    private func deliver(_ count: Int32) {
        isDelivering = true
        for index in 0..<count {
            let key = poller.key(at: index)
            // The wake-up has done its work by ending the wait.
            guard key != Poller.wakeKey else { continue }
            guard let (handler, events) = registrations.match(key: key, bits: poller.bits(at: index)) else {
                counts.staleEvents += 1
                continue
            }
            counts.events += 1
            // Safety: retained by the table or, once deregistered, in `departed`.
            handler._withUnsafeGuaranteedRef { $0.ready(events) }
        }
        isDelivering = false
        if !departed.isEmpty { releaseDeparted() }
    }

    private func releaseDeparted() {
        // A handler's end may deregister others: these are let go of at once.
        let departed = departed
        self.departed = []
        for handler in departed { handler.release() }
    }

    /// Runs what has arrived from other threads; what arrives meanwhile is for the next turn.
    private func runJobs() {
        var batch = spareItems
        spareItems = []
        inbox.swap(&batch)
        let serial = asUnownedSerialExecutor()
        for index in batch.indices {
            switch batch[index] {
            case .closure(let body):
                body()
            case .job(let job):
                job.runSynchronously(on: serial)
            case .taskJob(let job, let executor):
                job.runSynchronously(on: executor)
            case .completion(let call):
                offloadedCalls -= 1
                call.finish()
            case .stop:
                stopIsRequested = true
                continue
            }
            counts.jobsRun += 1
        }
        // A burst should not hold its memory for ever.
        batch.removeAll(keepingCapacity: batch.count <= 4096)
        spareItems = batch
    }

    private func fireDueTimers() {
        let time = now.nanoseconds
        firingTime = time
        let limit = timers.nextSequence
        while let timer = timers.popDue(at: time, before: limit) {
            counts.timersFired += 1
            timer.fire()
        }
    }

    /// Runs the tasks enqueued so far; those enqueued meanwhile are behind the mark.
    private func runTasks() {
        let mark = tasks.lastAddress
        while let task = tasks.popFirst() {
            counts.tasksRun += 1
            task.run()
            // Safety: only the address is used.
            if Unmanaged.passUnretained(task).toOpaque() == mark { return }
        }
    }
}
