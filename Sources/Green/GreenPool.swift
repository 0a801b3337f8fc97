import LuaRuntime

/// Bounds how many greens run its jobs at once; the rest wait in line, first in first out.
///
/// Workers are made as jobs come, and kept until `shutdown`. Loop thread only.
public final class GreenPool {
    let scheduler: Scheduler
    /// How many jobs may run at once. Raising it starts waiting jobs; lowering it ends no worker.
    public var maxWorkers: Int { didSet { startQueued() } }
    /// Most jobs that may wait; nil for no bound.
    public let queueLimit: Int?
    /// Whether `shutdown` was called.
    public private(set) var isClosed = false
    /// Workers there are, busy or idle.
    public private(set) var workerCount = 0
    private var idle: [GreenWorker] = []

    /// Jobs that wait: their values are in the ring, function first.
    private var jobs: [Job?] = []
    private var firstJob = 0
    private var ring = ValueRing()
    /// Jobs that wait and were not cancelled.
    public private(set) var queuedCount = 0

    /// Settled when the last worker has gone.
    private var ends: [Future] = []
    /// Workers that asked for the shutdown themselves, and so are not waited for.
    private var askers: [GreenWorker] = []

    private struct Job {
        let outcome: Outcome
        let arguments: Int32
    }

    /// The default of `maxWorkers`, and the most the constructor takes.
    public static let defaultWorkers = 100
    public static let mostWorkers = 1000

    /// A pool without workers.
    /// - Parameters:
    ///   - maxWorkers: how many jobs run at once; 0 for the default, 100; at most 1000.
    ///   - queueLimit: how many may wait; nil for no bound.
    public init(_ scheduler: Scheduler, maxWorkers: Int = 0, queueLimit: Int? = nil) {
        self.scheduler = scheduler
        self.maxWorkers = maxWorkers <= 0 ? Self.defaultWorkers : min(maxWorkers, Self.mostWorkers)
        self.queueLimit = queueLimit
    }

    deinit {
        for worker in idle { scheduler.retire(worker) }
        ring.release(scheduler.lua.vault)
    }

    /// Workers with nothing to do.
    public var idleCount: Int { idle.count }

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

    /// Takes the function and its `arguments` values off `stack` as a job. It runs on a later turn.
    /// - Returns: the worker, when one is free; nil when the job waits.
    @discardableResult
    public func submit(
        from stack: LuaStack, arguments: Int32, outcome: Outcome
    ) throws(Refusal) -> GreenWorker? {
        if isClosed { throw .closed }
        do {
            if let worker = idle.last {
                guard worker.stack.reserve(arguments + 1) else {
                    try stack.push("too many arguments for a green")
                    throw LuaFailure.memory
                }
                idle.removeLast()
                stack.move(arguments + 1, to: worker.stack)
                scheduler.begin(worker, arguments: arguments, outcome: outcome)
                return worker
            }
            if workerCount < maxWorkers {
                let worker = try scheduler.start(from: stack, arguments: arguments, outcome: outcome, pool: self)
                workerCount += 1
                return worker
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
        jobs.append(Job(outcome: outcome, arguments: arguments))
        queuedCount += 1
        return nil
    }

    /// A waiting job's future was cancelled: it will not run.
    func jobWasCancelled() { queuedCount -= 1 }

    /// A worker of this pool has ended its job.
    func workerIsFree(_ worker: GreenWorker) {
        if begin(next: worker) { return }
        if isClosed {
            askers.removeAll { $0 === worker }
            workerCount -= 1
            scheduler.retire(worker)
            settleEnds()
        } else {
            idle.append(worker)
        }
    }

    /// Gives the worker the job that has waited longest; false when none waits.
    private func begin(next worker: GreenWorker) -> Bool {
        while firstJob < jobs.count, let job = jobs[firstJob] {
            jobs[firstJob] = nil
            firstJob += 1
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
            queuedCount -= 1
            guard worker.stack.reserve(job.arguments + 3) else {
                ring.drop(job.arguments + 1, on: scheduler.lua.main, vault: scheduler.lua.vault)
                job.outcome.cancelledBeforeStart()
                continue
            }
            ring.take(job.arguments + 1, to: worker.stack, vault: scheduler.lua.vault)
            scheduler.begin(worker, arguments: job.arguments, outcome: job.outcome)
            job.outcome.begun(by: worker)
            return true
        }
        return false
    }

    private func startQueued() {
        while queuedCount > 0, workerCount < maxWorkers {
            guard let worker = try? scheduler.obtain(reporting: scheduler.lua.main) else {
                scheduler.lua.main.pop()
                return
            }
            worker.pool = self
            workerCount += 1
            if !begin(next: worker) {
                workerCount -= 1
                scheduler.retire(worker)
                return
            }
        }
    }

    // MARK: Ending

    /// Takes no more jobs; running and waiting ones still end, then the workers go.
    /// - Returns: a future of that moment. A worker of the pool that asks is not waited for itself.
    @discardableResult
    public func shutdown() -> Future {
        isClosed = true
        for worker in idle { scheduler.retire(worker) }
        workerCount -= idle.count
        idle = []
        if let worker = scheduler.current, worker.pool === self, !askers.contains(where: { $0 === worker }) {
            askers.append(worker)
        }
        let end = Future(scheduler)
        ends.append(end)
        settleEnds()
        return end
    }

    private func settleEnds() {
        guard workerCount <= askers.count, queuedCount == 0 else { return }
        let settled = ends
        ends = []
        for end in settled { end.settle(.succeeded, 0, from: scheduler.lua.main) }
    }
}
