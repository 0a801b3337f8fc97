import EventLoop
import LuaRuntime

/// How runs begin: with a worker, its limits, and a place in the ready queue.
extension Scheduler {
    /// Starts a run: takes the function and its `arguments` values off `stack`. It begins on a later turn, in order;
    /// with `now`, at once if nothing runs or is ready: for callers outside of any green.
    @discardableResult
    public func start(
        from stack: LuaStack, arguments: Int32, outcome: Outcome, pool: GreenPool? = nil, now: Bool = false
    ) throws(LuaFailure) -> GreenWorker {
        try checkRoom(reporting: stack)
        let worker = try obtain(reporting: stack)
        guard worker.stack.reserve(arguments + 1) else {
            retire(worker)
            try stack.push("too many arguments for a green")
            throw LuaFailure.memory
        }
        stack.move(arguments + 1, to: worker.stack)
        worker.pool = pool
        outcome.begun(by: worker)
        begin(worker, arguments: arguments, outcome: outcome, now: now)
        return worker
    }

    /// Throws when as many greens live as may: of the host, or of the call that starts one more.
    @inline(__always)
    func checkRoom(reporting stack: LuaStack) throws(LuaFailure) {
        if let most = limits.greens, live >= most {
            try refuse(
                "\(live) live, and this host allows \(most) (limits.greens, --max-greens)", .greens(most), stack)
        }
        if let quota = uncountedRunning?._withUnsafeGuaranteedRef({ $0.isLimited ? $0.quota : nil }), quota.isFull {
            let text = "this call has \(quota.live), and may have \(quota.most) (CallLimits.greens, --request-greens)"
            try refuse(text, .greens(quota.most), stack)
        }
    }

    /// Whether one more may live; as `checkRoom`.
    var hasRoom: Bool {
        if let most = limits.greens, live >= most { return false }
        return uncountedRunning?._withUnsafeGuaranteedRef { $0.isLimited ? $0.quota?.isFull : nil } != true
    }

    private func refuse(_ account: String, _ limit: RunLimit, _ stack: LuaStack) throws(LuaFailure) {
        let error = ErrorObject(.limit, "too many greens: " + account, limit: limit)
        try stack.push(reference: error, as: ErrorObject.definition)
        throw LuaFailure.value
    }

    /// What the greens have left that are started from here; nil for what the host's limits say.
    var allowance: Allowance? { uncountedRunning?._withUnsafeGuaranteedRef { $0.isLimited ? Allowance(of: $0) : nil } }

    /// The family of what is started from here; of its own where no green runs.
    var familyOfNext: UInt32 {
        uncountedRunning?._withUnsafeGuaranteedRef { $0.family } ?? UInt32(truncatingIfNeeded: lastSerial)
    }

    /// The function and its arguments are on the worker's stack: let it begin on a later turn, or now, with what the
    /// green that runs has left.
    func begin(_ worker: GreenWorker, arguments: Int32, outcome: Outcome, now: Bool = false) {
        begin(worker, arguments: arguments, outcome: outcome, now: now, with: allowance, of: nil)
    }

    /// The same with what another one had left; nil for what the host's limits say.
    func begin(
        _ worker: GreenWorker, arguments: Int32, outcome: Outcome, now: Bool = false, with allowance: Allowance?,
        of family: UInt32?
    ) {
        lastSerial += 1
        worker.serial = lastSerial
        worker.startArguments = arguments
        worker.parent = uncountedRunning?._withUnsafeGuaranteedRef { $0.serial } ?? 0
        worker.family = family ?? familyOfNext
        worker.since = loop.latestNow.nanoseconds
        if recordsSpawnSites { worker.spawnSite = (running?.stack ?? lua.main).location }
        worker.outcome.hold(outcome)
        worker.pendingInterrupt = .ready
        worker.wakeReason = .ready
        if !worker.isLimited {
            if let allowance {
                allowance.give(to: worker)
            } else if hasLimits {
                limit(worker)
            }
        }
        live += 1
        // Nobody may be overtaken: with others ready, now is as good as its turn.
        if now, uncountedRunning == nil, ready.isEmpty { resume(worker) } else { makeReady(worker, isStart: true) }
    }

    /// An idle worker or a new one.
    func obtain(reporting stack: LuaStack) throws(LuaFailure) -> GreenWorker {
        if let (worker, rest) = idle.takingFirst() {
            idle = rest
            return worker.takeUnretainedValue()
        }
        // Workers are never given up: handles find them by their places.
        let (bare, rest) = bare.takingFirst() ?? (nil, self.bare)
        let worker = bare?.takeUnretainedValue() ?? GreenWorker(self, position: Int32(workers.count))
        do throws(LuaFailure) {
            try worker.makeCoroutine()
        } catch {
            if bare != nil { self.bare = rest.pushing(worker) }
            if stack.pointer != lua.main.pointer { lua.main.move(1, to: stack) }
            throw error
        }
        if bare == nil { workers.append(worker) } else { self.bare = rest }
        return worker
    }

    /// Near the memory limit: the coroutines of ended greens, of which there may be many, are no longer kept for others.
    func giveUpIdleCoroutines() {
        while let (worker, rest) = idle.takingFirst() {
            idle = rest
            worker._withUnsafeGuaranteedRef {
                $0.giveUpCoroutine()
                bare = bare.pushing($0)
            }
        }
    }

    /// Back to the idle ones.
    func retire(_ worker: GreenWorker) {
        worker.pool = nil
        idle = idle.pushing(worker)
    }
}
