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
    /// Its coroutine; the main one while it has none.
    private(set) var stack: LuaStack
    /// Safety: not counted, see `WorkerLine`.
    var nextInLine: Unmanaged<GreenWorker>?
    /// What this run leads to; nothing while idle.
    var outcome = Held<Outcome>()
    /// The pool whose job this worker runs.
    var poolOfRun = Held<GreenPool>()
    var pool: GreenPool? {
        get { poolOfRun.object }
        set { poolOfRun.hold(newValue) }
    }
    /// What it uses and may use.
    let meter: RunMeter
    /// What only few runs have; kept for the next run.
    var details: RunDetails?
    // Small ones side by side: there is one worker for each green.
    var state = State.idle
    var wakeReason = WakeReason.ready
    /// An interrupt that came while the worker did not wait; raised at its next wait.
    var pendingInterrupt = WakeReason.ready
    /// Its grace is over: nothing of it runs any more.
    var stopReason: WakeReason?
    /// It has been cancelled, or got the error of a limit.
    var isAskedToEnd = false
    /// That error has been raised.
    var isCleaningUp = false
    /// Something of this, or of the details, is to be taken back when the run ends.
    var isLimited = false
    /// Its slice was over, and its turn has not come yet.
    var isPreempted = false
    /// The timer saw it compute when it was last resumed.
    var hasComputed = false
    /// How many others were refused memory since it waits for some.
    var refusalsSeen: UInt8 = 0
    /// The vault's number of its coroutine; 0 for none.
    private var anchor: Int32 = 0
    /// Its place among the scheduler's workers.
    let position: Int32
    /// How many arguments wait on the stack above the function; -1 once the run has begun.
    var startArguments: Int32 = -1
    /// The vault's number of the run's `green.locals` table and of its handle; 0 for none yet.
    var localsSlot: Int32 = 0
    var handleSlot: Int32 = 0
    /// Counts runs of the scheduler: which run this is. Names are made from it when somebody asks.
    var serial = 0
    /// How many runs ago the green began that started this one; 0 for none. Half a word, as is the family.
    private var runsSinceParent: UInt32 = 0
    /// The run that the chain of parents begins with, modulo 2^32.
    var family: UInt32 = 0
    /// The run of the green that started this one; 0 for none.
    var parent: Int {
        get { runsSinceParent == 0 ? 0 : serial - Int(runsSinceParent) }
        set { runsSinceParent = newValue == 0 ? 0 : UInt32(clamping: serial - newValue) }
    }
    /// When it was started, or last gave up the loop, in nanoseconds of the loop's clock.
    var since: Int64 = 0

    init(_ scheduler: Scheduler, position: Int32) {
        self.scheduler = scheduler
        stack = scheduler.lua.main
        meter = scheduler.meters.meter(at: Int(position))
        self.position = position
        super.init()
    }

    /// Gets a coroutine.
    func makeCoroutine() throws(LuaFailure) {
        let lua = scheduler.lua
        let slot = try lua.vault.reserve()
        do throws(LuaFailure) {
            stack = try lua.main.pushThread()
        } catch {
            lua.vault.release(slot)
            throw error
        }
        lua.vault.store(slot, from: lua.main)
        anchor = slot
    }

    /// Idle, it lets go of its coroutine, which is some 1 kB that the memory limit counts.
    func giveUpCoroutine() {
        stack = scheduler.lua.main
        scheduler.lua.vault.release(anchor)
        anchor = 0
    }

    /// It parked although it is stopped: its turn comes at once.
    func wakeStopped() {
        list?.remove(self)
        wake(.cancelled)
    }

    /// What it took counts less by the time, to nothing within a second: who waits may have let go of it.
    func forgetTaken(elapsed nanoseconds: Int64) {
        let microseconds = min(1 << 20, max(0, nanoseconds >> 10))
        meter.taken -= (meter.taken / 1024 * microseconds) / 1024
    }

    /// The interrupt that came while it did not wait, to be raised now.
    func takeInterrupt() -> WakeReason? {
        guard pendingInterrupt != .ready else { return nil }
        let reason = pendingInterrupt
        pendingInterrupt = .ready
        return reason
    }

    public override func wake(_ reason: WakeReason) {
        wakeReason = reason
        if isScheduled { scheduler.loop.cancel(self) }
        scheduler.makeReady(self)
    }

    /// Wakes the worker with `.timeout` unless something else does before.
    func schedule(after nanoseconds: Int64) {
        // Counted from now, not from the turn's start: the green may have computed for long.
        scheduler.loop.updateNow()
        scheduler.loop.schedule(self, at: scheduler.loop.now.advanced(byNanoseconds: nanoseconds))
    }

    /// The scheduler closes: the run will never go on, and nothing may come back to it.
    func abandon() {
        list?.remove(self)
        handedBy = nil
        if isScheduled { scheduler.loop.cancel(self) }
        if timeoutScope != nil { DeadlineScope.closeAll(of: self) }
        limitTimer?.end()
        GreenLock.forgetAll(of: self)
        outcome.object?.abandoned()
        outcome.hold(nil)
        if let pool {
            self.pool = nil
            pool.abandon()
        }
        state = .idle
    }

    /// "green 7".
    public var name: String { "green \(serial)" }

    /// The same with what it is for: "green 7 (GET /users/1)".
    var title: String { outcome.object?.subject.map { "\(name) (\($0))" } ?? name }

    /// What it waits for, for reports.
    var waitDescription: String {
        if let list { return list.waitDescription }
        return isScheduled ? "a sleep to end" : "its turn"
    }
}
