import EventLoop
import LuaRuntime

/// The ready queue: whose turn it is, and how each turn and each run ends.
extension Scheduler {
    /// - Parameter isStart: whether it begins: behind those of its family that were started before.
    @inline(__always)
    func makeReady(_ worker: GreenWorker, isStart: Bool = false) {
        worker.state = .ready
        if sliceSpan != .max {
            // The timer saw it compute: it may well again, so it is no different from one whose slice was over.
            if worker.hasComputed || isRunning(worker) && worker.meter.used != usedBefore {
                loop.enqueueInBackground(slices)
                preempted.append(worker)
                return
            }
            if isOfComputingFamily(worker) || isStart && siblings.holds(worker.family) {
                if siblings.isEmpty { loop.enqueueInBackground(slices) }
                siblings.append(worker)
                return
            }
        }
        if ready.isEmpty { loop.enqueue(turn) }
        ready = ready.appending(worker)
    }

    @inline(__always)
    private func isRunning(_ worker: GreenWorker) -> Bool {
        uncountedRunning?._withUnsafeGuaranteedRef { $0 === worker } == true
    }

    @inline(__always)
    private func isOfComputingFamily(_ worker: GreenWorker) -> Bool {
        families.hasComputed(worker.family, now: loop.latestNow.nanoseconds)
    }

    /// Its slice is over: its turn comes behind all others'.
    private func preempt(_ worker: GreenWorker) {
        worker.state = .ready
        worker.since = loop.latestNow.nanoseconds
        worker.preemptedIn = lua.preemptedStack
        slicesEnded &+= 1
        if lua.isShortOfMemory { return collection.hold(worker) }
        goOnLater(worker)
    }

    /// It gave way, and has a slice in its turn.
    func goOnLater(_ worker: GreenWorker) {
        loop.enqueueInBackground(slices)
        preempted.append(worker)
    }

    /// Runs what is ready, up to a bound, and for a slice altogether; the rest on the next turn.
    func runReady() {
        _ = loop.now  // For what parks now: `since`.
        var left = Self.resumptionsPerTurn
        usedInTurn = 0
        let before = slicesEnded
        while left > 0, usedInTurn < sliceSpan, let (worker, rest) = ready.takingFirst() {
            ready = rest
            left -= 1
            worker._withUnsafeGuaranteedRef {
                // Of its family another one may have computed since it became ready.
                if sliceSpan != .max, isOfComputingFamily($0) {
                    siblings.append($0)
                } else {
                    resume($0)
                }
            }
        }
        if slicesEnded != before { letOthersPass() }
        if lua.isNearMemoryLimit { collection.beginIfWorthwhile() }
        if lua.wasRefusedMemory { reclaimMemory() }
        if !ready.isEmpty { loop.enqueue(turn) }
        if !siblings.isEmpty { loop.enqueueInBackground(slices) }
    }

    /// Runs those that may compute, of which one at least has its turn: between two slices the loop looks at its
    /// descriptors, timers and jobs.
    func runSlices() {
        _ = loop.now
        siblingsComeFirst.toggle()
        if siblingsComeFirst { runSiblings(isFirst: true) }
        runPreempted(isFirst: !siblingsComeFirst)
        if !siblingsComeFirst { runSiblings(isFirst: false) }
        usedInTurn = 0
        if lua.isNearMemoryLimit { collection.beginIfWorthwhile() }
        if lua.wasRefusedMemory { reclaimMemory() }
        if !siblings.isEmpty || !preempted.isEmpty { loop.enqueueInBackground(slices) }
    }

    /// One of the ready ones had a whole slice, and of those behind it all may: requests that came in the same moment. Who
    /// becomes ready from now on does not wait for each of them.
    private func letOthersPass() {
        while let (worker, rest) = ready.takingFirst() {
            ready = rest
            worker._withUnsafeGuaranteedRef { siblings.append($0) }
        }
    }

    /// The first one has its turn when the line comes first, the others as long as the turn's slice is not over and
    /// nobody is ready.
    private func runSiblings(isFirst: Bool) {
        var left = Self.resumptionsPerTurn
        var mayRun = isFirst || usedInTurn < sliceSpan
        while mayRun, let worker = siblings.takeFirst() {
            worker._withUnsafeGuaranteedRef { resume($0) }
            left -= 1
            mayRun = left > 0 && usedInTurn < sliceSpan && ready.isEmpty
        }
    }

    private func runPreempted(isFirst: Bool) {
        guard isFirst || usedInTurn < sliceSpan, let worker = preempted.takeFirst() else { return }
        worker._withUnsafeGuaranteedRef { resume($0) }
    }

    /// A limit is reached: what can be given back is. With a tenth of the time at most, where nothing can. For code of
    /// the loop, below which no green runs.
    package func reclaimMemory() {
        guard uncountedRunning == nil else { return }
        loop.updateNow()
        let now = loop.now.nanoseconds
        // What has ended since may have left something.
        guard now >= nextCollection || live < liveAtCollection else { return }
        liveAtCollection = live
        giveUpIdleCoroutines()
        // The first calls the finalizers, the second frees what they were of. Each halves what coroutines keep of deep
        // recursions, which Lua's own collections at the limit leave alone.
        lua.collectGarbage()
        var before: Int
        repeat {
            before = lua.memory.bytes
            lua.collectGarbage()
        } while lua.memory.bytes < before / 8 * 7
        loop.updateNow()
        nextCollection = now + 10 * (loop.now.nanoseconds - now)
    }

    func resume(_ worker: GreenWorker) {
        let arguments = worker.startArguments
        if arguments >= 0 {
            worker.startArguments = -1
            // What closes, or tells its error, has begun long before.
            if worker.pendingInterrupt == .cancelled, worker.outcome.object?.reading == nil {
                worker.outcome.object?.cancelledBeforeStart()
                end(worker)
                return
            }
        }
        if worker.isAskedToEnd || worker.isPreempted, !mayGoOn(worker) { return }
        let (before, usedBeforeThat) = (uncountedRunning, usedBefore)
        uncountedRunning = .passUnretained(worker)
        worker.state = .running
        worker.hasComputed = false
        usedBefore = worker.meter.used
        let result = worker.stack.resume(arguments: max(arguments, 0), meter: worker.meter)
        let used = worker.meter.used &- usedBefore
        usedBefore = usedBeforeThat
        if used != 0 {
            worker.hasComputed = true
            usedInTurn &+= used
            families.note(worker.family, used: used, now: loop.latestNow.nanoseconds)
        }
        uncountedRunning = before
        switch result {
        case .preempted:
            preempt(worker)
        case .parked:
            let now = loop.latestNow.nanoseconds
            if worker.meter.taken > 0 { worker.forgetTaken(elapsed: now - worker.since) }
            worker.since = now
            // A C module's own yield, not a park: it gives way.
            if worker.state == .running { makeReady(worker) }
            // Stopped by what it called itself.
            if worker.state == .parked, worker.stopReason != nil { worker.wakeStopped() }
        case .done(let results):
            ended(worker, results: results)
        case .failed:
            failed(worker)
        }
    }

    /// Closes what a failed run has left open.
    func reset(_ worker: GreenWorker) {
        let before = uncountedRunning
        // What is closed now is still the green's own doing: a guard gives back the lock of `current`.
        uncountedRunning = .passUnretained(worker)
        worker.stack.reset(meter: worker.meter)
        uncountedRunning = before
    }

    /// What few resumptions have to look at: false when the green has been stopped instead.
    private func mayGoOn(_ worker: GreenWorker) -> Bool {
        if let reason = worker.stopReason {
            finishStopped(worker, reason)
            end(worker)
            return false
        }
        if let stack = worker.preemptedIn {
            worker.preemptedIn = nil
            if worker.pendingInterrupt != .ready { stack.askAtNextInstruction() }
        }
        return true
    }

    private func ended(_ worker: GreenWorker, results: Int32) {
        if results > 0, worker.stack.object(at: -results, of: futureClass) != nil, worker.stack.reserve(2) {
            // The result is to come: the same worker waits for it, and gives what it gives.
            worker.stack.pop(results - 1)
            lua.vault.push(waitSlot, on: worker.stack)
            worker.stack.insert(at: -2)
            worker.startArguments = 1
            resume(worker)
            return
        }
        // Safety: the worker holds it until `end`.
        if let outcome = worker.outcome.borrowed {
            let more = outcome._withUnsafeGuaranteedRef { $0.continuation(worker.stack, results: results) }
            if let more {
                worker.startArguments = more
                resume(worker)
                return
            }
            outcome._withUnsafeGuaranteedRef { $0.succeeded(worker.stack, results: results) }
        }
        end(worker)
    }

    /// The run is over, however it went: the worker is free for the next.
    func end(_ worker: GreenWorker) {
        worker.stack.setTop(0)
        worker.outcome.hold(nil)
        worker.state = .idle
        if worker.timeoutScope != nil { DeadlineScope.closeAll(of: worker) }
        if worker.details != nil { worker.forgetUndertakings() }
        worker.pendingInterrupt = .ready
        if worker.isLimited { worker.endLimits() }
        worker.meter.clear()
        worker.hasComputed = false
        if worker.raised != nil { worker.raised = nil }
        if worker.heldLock != nil { GreenLock.releaseAll(of: worker) }
        if worker.localsSlot != 0 {
            lua.vault.release(worker.localsSlot)
            worker.localsSlot = 0
        }
        if worker.handleSlot != 0 {
            lua.vault.release(worker.handleSlot)
            worker.handleSlot = 0
        }
        if let pool = worker.poolOfRun.take() {
            // Safety: let go of only when the pool has done with the worker; nobody else may hold it any more.
            pool._withUnsafeGuaranteedRef { $0.workerIsFree(worker) }
            pool.release()
        } else {
            idle = idle.pushing(worker)
        }
        live -= 1
    }
}
