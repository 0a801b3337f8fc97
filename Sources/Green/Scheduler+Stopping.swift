import LuaRuntime

/// How a green is made to end: asked first, with time to clean up, and then stopped.
extension Scheduler {
    /// What a run may use that is about to begin: for `Outcome.begun(by:)`.
    public func limit(_ worker: GreenWorker, _ call: CallLimits = CallLimits()) {
        worker.isLimited = true
        let granted = CallLimits(
            processorTime: call.processorTime ?? limits.processorTime, deadline: call.deadline ?? limits.deadline,
            instructions: call.instructions ?? limits.instructions)
        worker.granted = granted
        if let most = call.greens {
            let quota = GreenQuota(most)
            quota.begin()
            worker.quota = quota
        }
        if let most = granted.processorTime { worker.meter.limit = max(1, most.nanosecondsKept) }
        if let most = granted.instructions { worker.meter.steps = Int64(max(1, most)) }
        if let deadline = granted.deadline { worker.limits().begin(deadline: deadline) }
    }

    /// The limit that a green is past which is asked to end for that.
    private func spentLimit(of worker: GreenWorker, _ reason: WakeReason) -> RunLimit? {
        switch reason {
        case .deadline: return worker.granted.deadline.map { .deadline($0) }
        case .spent:
            if limits.instructions != nil, worker.meter.steps <= 0 {
                return worker.granted.instructions.map { .instructions($0) }
            }
            return worker.granted.processorTime.map { .processorTime($0) }
        case .ready, .refused, .timeout, .cancelled: return nil
        }
    }

    /// The green is to end: it gets an error that it can catch, and its grace begins. Of what it may use it gets a tenth
    /// to clean up, but 50 ms and 100,000 instructions at least.
    func askToEnd(_ worker: GreenWorker, _ reason: WakeReason) {
        worker.isLimited = true
        worker.isAskedToEnd = true
        if worker.spentLimit == nil { worker.spentLimit = spentLimit(of: worker, reason) }
        if worker.meter.limit != 0 {
            worker.meter.limit = worker.meter.used + max(50_000_000, worker.meter.limit / 10)
        }
        if limits.instructions != nil {
            worker.meter.steps = max(100_000, Int64(worker.granted.instructions ?? 0) / 10)
        }
        worker.limits().beginGrace(reason)
    }

    /// Ends the green where it stands, once it does not run: its locks, its waits and its future are let go of, and
    /// nothing of its script runs any more.
    public func stop(_ worker: GreenWorker, _ reason: WakeReason) {
        guard worker.state != .idle, worker.stopReason == nil else { return }
        worker.stopReason = reason
        worker.isAskedToEnd = true  // Has its next turn look.
        if worker.state == .parked {
            worker.list?.remove(worker)
            worker.wake(reason)
        }
    }

    /// The turn has come of a green that is stopped.
    func finishStopped(_ worker: GreenWorker, _ reason: WakeReason) {
        let stack = worker.stack
        // While its frames, and so the list, are there.
        if let list = worker.handedBy {
            worker.handedBy = nil
            list.takeBack()
        }
        if stack.reserve(8) {
            lua.vault.push(slot(of: reason), on: stack)
            let account = worker.spentLimit.map { "it \($0.message), and went on" } ?? reason.account
            log("\(worker.title) was stopped: \(account)\n\(traceback(of: worker))")
            worker.outcome.object?.failed(worker, stack)
        } else {
            worker.outcome.object?.cancelledBeforeStart()
        }
        worker.giveUpUndertakings()
        lua.vault.push(slot(of: reason), on: lua.main)
        lua.setStopError()
        stack.stop(meter: worker.meter)
    }

    func slot(of reason: WakeReason) -> Int32 {
        switch reason {
        case .cancelled: cancelledSlot
        case .spent: spentSlot
        case .refused: memorySlot
        case .ready, .timeout, .deadline: timedOutSlot
        }
    }
}

extension WakeReason {
    /// Why a green was stopped, for the log.
    fileprivate var account: String {
        switch self {
        case .cancelled: "it was cancelled, and went on"
        case .spent: "it had used what it may of the processor, and went on"
        case .ready, .refused, .timeout, .deadline: "its time was over, and it went on"
        }
    }
}
