import EventLoop
import LuaRuntime

/// A green: one Lua coroutine that the scheduler drives. Recycled: one worker serves many runs, one after another.
///
/// Loop thread only.
public final class GreenWorker: Waiter {
    /// Where a worker stands.
    enum State: UInt8 {
        /// Nothing to run.
        case idle
        /// In the ready queue.
        case ready
        case running
        case parked
    }

    unowned let scheduler: Scheduler
    let stack: LuaStack
    /// The vault's number of the coroutine, which keeps it alive.
    private let anchor: Int32
    /// For `deinit`, which comes after the scheduler's.
    private let vault: Vault
    var state = State.idle
    /// How many arguments wait on the stack above the function; -1 once the run has begun.
    var startArguments: Int32 = -1
    var wakeReason = WakeReason.ready
    /// An interrupt that came while the worker did not wait; raised at its next wait.
    var pendingInterrupt = WakeReason.ready
    /// Safety: see `WorkerLine`.
    unowned(unsafe) var nextInLine: GreenWorker?
    /// What this run leads to; nil while idle.
    var outcome: Outcome?
    /// The pool whose job this worker runs.
    var pool: GreenPool?
    private var timer: WorkerTimer?
    /// The locks this run holds, newest first.
    var heldLock: GreenLock?
    /// The innermost `green.timeout` around what runs.
    var deadline: DeadlineScope?
    /// Of the scopes whose interrupt is pending the outermost.
    var pendingScope: DeadlineScope?
    /// The vault's number of the run's `green.locals` table and of its handle; 0 for none yet.
    var localsSlot: Int32 = 0
    var handleSlot: Int32 = 0
    /// Counts runs of the scheduler: which run this is. Names are made from it when somebody asks.
    var serial = 0
    var position = 0

    init(_ scheduler: Scheduler, stack: LuaStack, anchor: Int32) {
        self.scheduler = scheduler
        self.stack = stack
        self.anchor = anchor
        vault = scheduler.lua.vault
        super.init()
    }

    deinit { vault.release(anchor) }

    public override func wake(_ reason: WakeReason) {
        wakeReason = reason
        if let timer, timer.isScheduled { scheduler.loop.cancel(timer) }
        scheduler.makeReady(self)
    }

    /// Wakes the worker with `.timeout` unless something else does before.
    func schedule(after nanoseconds: Int64) {
        let timer = timer ?? WorkerTimer(self)
        self.timer = timer
        scheduler.loop.schedule(timer, at: scheduler.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    /// The scheduler closes: the run will never go on, and nothing may come back to it.
    func abandon() {
        list?.remove(self)
        if let timer, timer.isScheduled { scheduler.loop.cancel(timer) }
        if deadline != nil { DeadlineScope.closeAll(of: self) }
        GreenLock.forgetAll(of: self)
        outcome?.abandoned()
        outcome = nil
        if let pool {
            self.pool = nil
            pool.abandon()
        }
        state = .idle
    }

    var hasTimer: Bool { timer?.isScheduled ?? false }

    /// "green 7".
    public var name: String { "green \(serial)" }

    /// What it waits for, for reports.
    var waitDescription: String {
        if let list { return list.waitDescription }
        return hasTimer ? "a sleep to end" : "its turn"
    }
}

/// Wakes a worker whose sleep or timeout is over.
private final class WorkerTimer: LoopTimer {
    private unowned let worker: GreenWorker

    init(_ worker: GreenWorker) { self.worker = worker }

    override func fire() {
        // A sleep has no list: its timer is what it waits for.
        guard let list = worker.list else { return worker.wake(.ready) }
        list.remove(worker)
        worker.wake(.timeout)
    }
}
