import EventLoop
import LuaRuntime

/// Drives the greens of one Lua state on one loop: makes them, resumes them in order, parks and wakes them.
///
/// The state is opened with `green` preloaded and its words as globals. Loop thread only; `close()` ends it.
public final class Scheduler {
    /// The loop everything happens on.
    public let loop: EventLoop
    /// The Lua state of the greens.
    public let lua: LuaState
    /// Where messages go that nobody asked for: errors of futures that nobody looked at, locks left behind.
    public var log: (String) -> Void = { standardError($0) }

    /// The green that runs now; nil between greens and while Swift calls Lua itself.
    public var current: GreenWorker? { running }
    // Stored properties on the hot path are not public: only then can the compiler see every access, and leave out
    // the exclusivity checks at run time.
    /// Safety: workers live as long as the scheduler.
    private var uncountedRunning: Unmanaged<GreenWorker>?
    var running: GreenWorker? { uncountedRunning?.takeUnretainedValue() }
    /// Every worker there is, by position; idle ones in `idle` as well.
    var workers: [GreenWorker] = []
    private var idle = WorkerLine()
    private var ready = WorkerLine()
    /// Those whose slice was over: one of them each turn, behind all others.
    private var preempted = WorkerLine()
    private let turn = SchedulerTurn()
    /// Looked up once: a static property asks each time whether it has been made.
    private let futureClass = Future.definition
    private var lastSerial = 0
    private var isClosed = false
    /// How many greens have begun, or are to begin, and have not ended.
    public var liveCount: Int { live }
    private var live = 0
    /// Whether greens remember which line started them, for tracebacks and `green.list`; makes a start three times as
    /// slow. Off by default: then they know which green it was, and their function.
    public var recordsSpawnSites = false
    /// Made once, so that raising them needs no memory.
    var timedOutSlot: Int32 = 0
    var cancelledSlot: Int32 = 0
    var spentSlot: Int32 = 0
    /// What greens may use.
    public internal(set) var limits = RunLimits()
    var waitSlot: Int32 = 0
    var memorySlot: Int32 = 0
    /// The function that makes an error's text.
    var textSlot: Int32 = 0
    var moduleSlot: Int32 = 0

    /// What other rooms add to `green.info()`.
    var infoProviders: [Info.Provider] = []
    /// Kept as long as the state is: what natives of other rooms point at.
    public var attachments: [AnyObject] = []

    /// Resumptions between two looks at descriptors: bounds how long ready greens keep the loop from I/O.
    static let resumptionsPerTurn = 256

    /// A scheduler with a new Lua state.
    /// - Parameters:
    ///   - loop: where it lives.
    ///   - libraries: what scripts find of the standard libraries.
    ///   - globals: whether `wait`, `GreenPool` and the other words are globals of scripts, too.
    ///   - limits: how long greens may run, and how much they may use.
    /// - Throws: `.memory`.
    public init(
        loop: EventLoop, libraries: LuaLibraries = .all, globals: Bool = true, limits: RunLimits = RunLimits()
    ) throws(LuaError) {
        self.loop = loop
        self.limits = limits
        sliceSpan = limits.slice == .zero ? .max : limits.slice.nanosecondsKept
        let owner = OwnerBox()
        // Safety: the box is retained by `ownerBox` for as long as the state may ask for it.
        lua = try LuaState(owner: Unmanaged.passUnretained(owner).toOpaque())
        ownerBox = owner
        owner.scheduler = self
        turn.scheduler = self
        try lua.open(libraries)
        try GreenModule.install(in: self, globals: globals)
        // Only now: what sets up the state is nobody's slice.
        hasLimits = limits.processorTime != nil || limits.deadline != nil || limits.instructions != nil
        // Without slices the scheduler is asked all the same, for what is past its deadline; what counts instructions asks
        // by itself.
        let asks = limits.slice == .zero && limits.instructions == nil ? .milliseconds(10) : limits.slice
        lua.setSlice(asks.nanosecondsKept, ended: Scheduler.sliceHandler)
        if limits.instructions != nil { lua.countInstructions(every: 1000) }
        lua.watchRuns(longerThan: limits.blockedAfter?.nanosecondsKept ?? 0, blocked: Scheduler.blockedHandler)
        lua.setWarnings(Scheduler.warningHandler)
    }

    private var hasLimits = false
    /// The slice in nanoseconds; `.max` for one without an end.
    private let sliceSpan: Int64
    /// Nanoseconds of processor time that the timer has seen greens use in this turn of the ready queue.
    private var usedInTurn: Int64 = 0
    /// When memory may be collected again because its limit was reached, in nanoseconds of the loop's clock.
    private var nextCollection: Int64 = 0

    var unseenFailures = UnseenFailures()

    private let ownerBox: OwnerBox

    deinit { close() }

    /// Ends all greens where they stand and frees the Lua state. Nothing of it may be used afterwards; the loop may
    /// go on. Not from inside a green.
    public func close() {
        if isClosed { return }
        isClosed = true
        if let line = unseenFailures.takeLeftOut() { log(line) }
        turn.scheduler = nil
        infoProviders = []
        abandonAll()
        lua.close()
        // Finalizers may have started greens, which have nothing left to run on.
        abandonAll()
    }

    /// Lets go of every run without resuming it.
    private func abandonAll() {
        ready = WorkerLine()
        preempted = WorkerLine()
        idle = WorkerLine()
        for worker in workers { worker.nextInLine = nil }
        for worker in workers { worker.abandon() }
        live = 0
    }

    /// The scheduler of the state that a native runs in.
    public static func of(_ lua: LuaStack) -> Scheduler {
        guard let owner = lua.owner else { fatalError("bug: a Lua state without a scheduler") }
        // Safety: `owner` is the box given in `init`, which lives as long as the state.
        let box = Unmanaged<OwnerBox>.fromOpaque(owner).takeUnretainedValue()
        return box.scheduler.unsafelyUnwrapped
    }

    /// Pushes the table of the `green` module, for rooms that add to it.
    public func pushModule(on stack: LuaStack) { lua.vault.push(moduleSlot, on: stack) }

    // MARK: Starting

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

    /// Throws when as many greens live as may.
    @inline(__always)
    func checkRoom(reporting stack: LuaStack) throws(LuaFailure) {
        guard let most = limits.greens, live >= most else { return }
        try stack.push("too many greens: \(live) live, and this host allows \(most) (limits.greens, --max-greens)")
        throw LuaFailure.value
    }

    /// What the greens have left that are started from here; nil for what the host's limits say.
    var allowance: Allowance? { uncountedRunning?._withUnsafeGuaranteedRef { $0.isLimited ? Allowance(of: $0) : nil } }

    /// The function and its arguments are on the worker's stack: let it begin on a later turn, or now.
    func begin(
        _ worker: GreenWorker, arguments: Int32, outcome: Outcome, now: Bool = false, with allowance: Allowance? = nil
    ) {
        lastSerial += 1
        worker.serial = lastSerial
        worker.startArguments = arguments
        worker.parent = uncountedRunning?._withUnsafeGuaranteedRef { $0.serial } ?? 0
        worker.since = loop.latestNow.nanoseconds
        if recordsSpawnSites { worker.spawnSite = (running?.stack ?? lua.main).location }
        worker.outcome.hold(outcome)
        worker.pendingInterrupt = .ready
        worker.wakeReason = .ready
        if !worker.isLimited {
            if let allowance = allowance ?? self.allowance {
                allowance.give(to: worker)
            } else if hasLimits {
                limit(worker)
            }
        }
        live += 1
        // Nobody may be overtaken: with others ready, now is as good as its turn.
        if now, uncountedRunning == nil, ready.isEmpty { resume(worker) } else { makeReady(worker) }
    }

    /// An idle worker or a new one.
    func obtain(reporting stack: LuaStack) throws(LuaFailure) -> GreenWorker {
        if let (worker, rest) = idle.takingFirst() {
            idle = rest
            return worker.takeUnretainedValue()
        }
        do throws(LuaFailure) {
            let anchor = try lua.vault.reserve()
            let thread: LuaStack
            do throws(LuaFailure) {
                thread = try lua.main.pushThread()
            } catch {
                lua.vault.release(anchor)
                throw error
            }
            lua.vault.store(anchor, from: lua.main)
            // The coroutine stays in the vault as long as the state: workers are recycled, never given up.
            let worker = GreenWorker(self, stack: thread, position: Int32(workers.count))
            workers.append(worker)
            return worker
        } catch {
            if stack.pointer != lua.main.pointer { lua.main.move(1, to: stack) }
            throw error
        }
    }

    /// Back to the idle ones.
    func retire(_ worker: GreenWorker) {
        worker.pool = nil
        idle = idle.pushing(worker)
    }

    // MARK: The ready queue

    @inline(__always)
    func makeReady(_ worker: GreenWorker) {
        worker.state = .ready
        // The timer saw it compute: it may well again, so it is no different from one whose slice was over.
        if worker.meter.used != worker.usedBefore, sliceSpan != .max {
            loop.enqueue(turn)
            preempted = preempted.appending(worker)
            return
        }
        if ready.isEmpty { loop.enqueue(turn) }
        ready = ready.appending(worker)
    }

    /// Its slice is over: its turn comes behind all others'.
    private func preempt(_ worker: GreenWorker) {
        worker.state = .ready
        worker.since = loop.latestNow.nanoseconds
        worker.preemptedIn = lua.preemptedStack
        loop.enqueue(turn)
        preempted = preempted.appending(worker)
    }

    /// Runs what is ready, up to a bound, and for a slice altogether; the rest on the next turn.
    func runReady() {
        _ = loop.now  // For what parks now: `since`.
        var left = Self.resumptionsPerTurn
        usedInTurn = 0
        while left > 0, usedInTurn < sliceSpan, let (worker, rest) = ready.takingFirst() {
            ready = rest
            left -= 1
            worker._withUnsafeGuaranteedRef { resume($0) }
        }
        // One a turn: between two slices the loop looks at its descriptors and timers.
        if let (worker, rest) = preempted.takingFirst() {
            preempted = rest
            worker._withUnsafeGuaranteedRef { resume($0) }
        }
        if lua.wasRefusedMemory { collectWhatHasFinalizers() }
        if !ready.isEmpty || !preempted.isEmpty { loop.enqueue(turn) }
    }

    /// The limit is reached: what can be given back is. Not more than once a second, where nothing can.
    private func collectWhatHasFinalizers() {
        let now = loop.latestNow.nanoseconds
        guard now >= nextCollection else { return }
        nextCollection = now + 1_000_000_000
        // The first calls the finalizers, the second frees what they were of.
        lua.collectGarbage()
        lua.collectGarbage()
    }

    func resume(_ worker: GreenWorker) {
        let arguments = worker.startArguments
        if arguments >= 0 {
            worker.startArguments = -1
            if worker.pendingInterrupt == .cancelled {
                worker.outcome.object?.cancelledBeforeStart()
                end(worker)
                return
            }
        }
        if worker.isAskedToEnd || worker.preemptedIn != nil, !mayGoOn(worker) { return }
        let before = uncountedRunning
        uncountedRunning = .passUnretained(worker)
        worker.state = .running
        worker.usedBefore = worker.meter.used
        let result = worker.stack.resume(arguments: max(arguments, 0), meter: worker.meter)
        usedInTurn &+= worker.meter.used &- worker.usedBefore
        uncountedRunning = before
        switch result {
        case .preempted:
            preempt(worker)
        case .parked:
            worker.since = loop.latestNow.nanoseconds
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
        worker.pendingInterrupt = .ready
        if worker.isLimited { worker.endLimits() }
        if worker.meter.used != 0 { worker.meter.clear() }
        worker.usedBefore = 0
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

/// What the Lua state knows as its owner.
private final class OwnerBox {
    unowned(unsafe) var scheduler: Scheduler?
}

/// Runs the ready greens on the loop's next turn.
private final class SchedulerTurn: LoopTask {
    // Not weak: one weak reference makes every count of the scheduler's references slow.
    // Safety: the scheduler owns its turn, and takes itself out when it closes, which it does at the latest at its end.
    unowned(unsafe) var scheduler: Scheduler?

    override func run() { scheduler?.runReady() }
}
