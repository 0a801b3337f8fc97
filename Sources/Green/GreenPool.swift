import LuaRuntime

/// Bounds how many greens run its jobs at once; the rest wait in line, first in first out.
///
/// Workers are made as jobs come, and kept until `shutdown`. Loop thread only.
public final class GreenPool {
    let scheduler: Scheduler
    /// How many jobs may run at once. Raising it starts waiting jobs, where there may be more greens; lowering it
    /// ends no worker.
    public var maxWorkers: Int {
        get { mostWorkers }
        set {
            mostWorkers = newValue
            startQueued()
        }
    }
    private var mostWorkers: Int
    /// Most jobs that may wait; nil for no bound.
    public let queueLimit: Int?
    /// Whether `shutdown` was called.
    public var isClosed: Bool { closed }
    private var closed = false
    /// Workers there are, busy or idle.
    public var workerCount: Int { workers }
    private var workers = 0
    private var idle = WorkerLine()
    private var idleWorkers = 0

    /// Jobs that wait: their values are in the ring, function first.
    private var jobs: [Job?] = []
    private var firstJob = 0
    private var ring = ValueRing()
    /// Jobs that wait and were not cancelled.
    public var queuedCount: Int { queued }
    private var queued = 0
    /// Jobs in line, cancelled ones too.
    private var inLine = 0

    /// Settled when the last worker has gone.
    private var ends: [Future] = []
    /// Those that workers asked for: settled when only such workers are left.
    private var endsForWorkers: [Future] = []
    /// Workers that asked for an end and may be waiting for it. Others run what is in line in their place.
    private var askers: [GreenWorker] = []

    private struct Job {
        let outcome: Outcome
        let arguments: Int32
        /// What the green that submitted it had left then.
        let allowance: Allowance?
        /// Of who submitted it; nil outside of any green.
        let family: UInt32?
    }

    /// What one in line takes, with its future: the memory limit counts it.
    private static let bytesOfJob = MemoryLayout<Job?>.stride + 192

    /// The default of `maxWorkers`.
    public static let defaultWorkers = 100
    /// The most workers the constructor takes; `maxWorkers` can be set higher.
    public static let limitOfWorkers = 1000

    /// A pool without workers.
    /// - Parameters:
    ///   - maxWorkers: how many jobs run at once; 0 for the default, 100; at most 1000.
    ///   - queueLimit: how many may wait; nil for what the host's limits say.
    public init(_ scheduler: Scheduler, maxWorkers: Int = 0, queueLimit: Int? = nil) {
        self.scheduler = scheduler
        mostWorkers = maxWorkers <= 0 ? Self.defaultWorkers : min(maxWorkers, Self.limitOfWorkers)
        self.queueLimit = queueLimit ?? scheduler.limits.queue
    }

    deinit {
        retireIdle()
        ring.release(scheduler.lua.vault)
    }

    /// Workers with nothing to do.
    public var idleCount: Int { idleWorkers }

    /// Why a job was not taken.
    public enum Refusal: Error {
        case closed
        /// The line is full.
        case full(limit: Int)
        /// The error value is on top of the stack.
        case failure(LuaFailure)
    }

    /// The message of a refusal that is not a failure.
    public static func message(_ refusal: Refusal) -> String {
        switch refusal {
        case .closed: "cannot schedule new futures after shutdown"
        case .full(let limit): "the pool's queue is full (\(limit) jobs wait): submit fewer, or raise its limit"
        case .failure: "not enough memory for a job"
        }
    }

    /// Takes the function and its `arguments` values off `stack` as a job. It runs on a later turn, or, with `now`
    /// and a free worker, at once. The outcome is told: `begun`, or `waits`.
    public func submit(
        from stack: LuaStack, arguments: Int32, outcome: Outcome, now: Bool = false
    ) throws(Refusal) {
        if closed { throw .closed }
        do {
            if let (worker, rest) = idle.takingFirst() {
                try scheduler.checkRoom(reporting: stack)
                idle = rest
                idleWorkers -= 1
                let hasBegun = worker._withUnsafeGuaranteedRef {
                    begin($0, from: stack, arguments: arguments, outcome: outcome, now: now)
                }
                if hasBegun { return }
                try stack.push("too many arguments for a green")
                throw LuaFailure.memory
            }
            if workers < mostWorkers {
                workers += 1
                do throws(LuaFailure) {
                    try scheduler.start(from: stack, arguments: arguments, outcome: outcome, pool: self, now: now)
                } catch {
                    workers -= 1
                    throw error
                }
                return
            }
            if let queueLimit, queuedCount >= queueLimit { throw Refusal.full(limit: queueLimit) }
            try ring.append(arguments + 1, from: stack, vault: scheduler.lua.vault)
        } catch let refusal as Refusal {
            throw refusal
        } catch let failure as LuaFailure {
            throw .failure(failure)
        } catch {
            fatalError("bug: an error of no known type")
        }
        let family = scheduler.running?.family
        jobs.append(Job(outcome: outcome, arguments: arguments, allowance: scheduler.allowance, family: family))
        scheduler.lua.count(outside: Self.bytesOfJob)
        inLine += 1
        queued += 1
        outcome.waits(in: self)
    }

    /// Starts a job on a worker that was idle; false when it has no room for the arguments.
    @inline(__always)
    private func begin(
        _ worker: GreenWorker, from stack: LuaStack, arguments: Int32, outcome: Outcome, now: Bool
    ) -> Bool {
        guard worker.stack.reserve(arguments + 1) else {
            keepIdle(worker)
            return false
        }
        worker.pool = self
        stack.move(arguments + 1, to: worker.stack)
        outcome.begun(by: worker)
        scheduler.begin(worker, arguments: arguments, outcome: outcome, now: now)
        return true
    }

    /// A waiting job was cancelled, so that its outcome is settled: it will not run.
    public func jobWasCancelled() {
        queued -= 1
        if closed { settleEnds() }
    }

    /// A worker of this pool has ended its job. It does not hold the pool: nor does an idle one, so that a pool that
    /// nobody else holds goes away.
    func workerIsFree(_ worker: GreenWorker) {
        if inLine > 0, begin(next: worker) { return }
        if closed {
            askers.removeAll { $0 === worker }
            workers -= 1
            scheduler.retire(worker)
            settleEnds()
        } else {
            keepIdle(worker)
        }
    }

    private func keepIdle(_ worker: GreenWorker) {
        idle = idle.pushing(worker)
        idleWorkers += 1
    }

    private func retireIdle() {
        while let (worker, rest) = idle.takingFirst() {
            idle = rest
            scheduler.retire(worker.takeUnretainedValue())
        }
        idleWorkers = 0
    }

    /// Gives the worker the job that has waited longest; false when none waits.
    private func begin(next worker: GreenWorker) -> Bool {
        while firstJob < jobs.count, let job = jobs[firstJob] {
            jobs[firstJob] = nil
            firstJob += 1
            inLine -= 1
            scheduler.lua.count(outside: -Self.bytesOfJob)
            if firstJob == jobs.count {
                jobs.removeAll(keepingCapacity: jobs.capacity <= 4096)
                firstJob = 0
            } else if firstJob > 1024, firstJob * 2 > jobs.count {
                jobs.removeFirst(firstJob)
                firstJob = 0
            }
            if job.outcome.isSettled {
                ring.drop(job.arguments + 1, on: scheduler.lua.main, vault: scheduler.lua.vault)
                continue
            }
            queued -= 1
            guard worker.stack.reserve(job.arguments + 3) else {
                ring.drop(job.arguments + 1, on: scheduler.lua.main, vault: scheduler.lua.vault)
                job.outcome.cancelledBeforeStart()
                continue
            }
            ring.take(job.arguments + 1, to: worker.stack, vault: scheduler.lua.vault)
            worker.pool = self
            job.outcome.begun(by: worker)
            scheduler.begin(
                worker, arguments: job.arguments, outcome: job.outcome, with: job.allowance, of: job.family)
            return true
        }
        return false
    }

    private func startQueued() {
        while queuedCount > 0, workerCount < maxWorkers + askers.count, scheduler.hasRoom {
            guard let worker = try? scheduler.obtain(reporting: scheduler.lua.main) else {
                scheduler.lua.main.pop()
                return
            }
            workers += 1
            if !begin(next: worker) {
                workers -= 1
                scheduler.retire(worker)
                return
            }
        }
    }

    // MARK: Ending

    /// Whether a `shutdown` by what runs starts one more worker: nobody else is left to run what is in line.
    var endsByOneMore: Bool {
        guard queuedCount > 0, let worker = scheduler.running, worker.pool === self else { return false }
        return workerCount - (askers.contains { $0 === worker } ? 0 : 1) <= askers.count
    }

    /// Takes no more jobs; running and waiting ones still end, then the workers go.
    /// - Parameter wait: whether the caller, if it is a worker of the pool, may wait for the end.
    /// - Returns: a future of that end. Workers that may be waiting for it are not waited for by one another, and
    ///   further workers run the jobs in line in their place, above `maxWorkers` if need be.
    @discardableResult
    public func shutdown(wait: Bool = true) -> Future {
        closed = true
        workers -= idleWorkers
        retireIdle()
        let end = Future(scheduler)
        if wait, let worker = scheduler.running, worker.pool === self {
            if !askers.contains(where: { $0 === worker }) { askers.append(worker) }
            endsForWorkers.append(end)
            startQueued()
        } else {
            ends.append(end)
        }
        settleEnds()
        return end
    }

    private func settleEnds() {
        guard queuedCount == 0 else { return }
        if workerCount <= askers.count { settle(&endsForWorkers) }
        if workerCount == 0 { settle(&ends) }
    }

    private func settle(_ futures: inout [Future]) {
        let settled = futures
        futures = []
        for end in settled { end.settle(.succeeded, 0, from: scheduler.lua.main) }
    }

    /// The scheduler closes: nothing in line will ever run.
    func abandon() {
        for job in jobs { job?.outcome.abandoned() }
        scheduler.lua.count(outside: -inLine * Self.bytesOfJob)
        jobs = []
        firstJob = 0
        queued = 0
        inLine = 0
        ends = []
        endsForWorkers = []
        askers = []
    }
}
