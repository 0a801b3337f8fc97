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
    var uncountedRunning: Unmanaged<GreenWorker>?
    var running: GreenWorker? { uncountedRunning?.takeUnretainedValue() }
    /// Every worker there is, by position; idle ones in `idle` as well.
    var workers: [GreenWorker] = []
    /// Theirs, by their positions.
    var meters = RunMeters()
    var idle = WorkerLine()
    /// Idle ones without a coroutine.
    var bare = WorkerLine()
    var ready = WorkerLine()
    /// Those that may well compute, and have not been seen to: of computing families, or in line behind one that used up
    /// its slice. Behind the ready ones.
    let siblings = FamilyLines()
    /// Those whose slice was over, or that were seen to compute: behind the ready ones.
    let preempted = FamilyLines()
    /// Which of those two lines comes first in this turn, and so gets its turn whatever has been used up.
    var siblingsComeFirst = false
    let families = ComputingFamilies()
    let turn = SchedulerTurn()
    let slices = SchedulerSlices()
    let collection = SteppedCollection()
    /// Looked up once: a static property asks each time whether it has been made.
    let futureClass = Future.definition
    var lastSerial = 0
    private var isClosed = false
    /// How many greens have begun, or are to begin, and have not ended.
    public var liveCount: Int { live }
    var live = 0
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
        try limits.check()
        self.loop = loop
        self.limits = limits
        sliceSpan = limits.slice == .zero ? .max : limits.slice.nanosecondsKept
        let owner = OwnerBox()
        // Safety: the box is retained by `ownerBox` for as long as the state may ask for it.
        lua = try LuaState(owner: Unmanaged.passUnretained(owner).toOpaque())
        ownerBox = owner
        owner.scheduler = self
        turn.scheduler = self
        slices.scheduler = self
        collection.scheduler = self
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

    var hasLimits = false
    /// The slice in nanoseconds; `.max` for one without an end.
    let sliceSpan: Int64
    /// What the green that runs had used when it was resumed.
    var usedBefore: Int64 = 0
    /// Nanoseconds of processor time that the timer has seen greens use in this turn of the ready queue.
    var usedInTurn: Int64 = 0
    /// How many slices have ended so far.
    var slicesEnded = 0
    /// When memory may be collected again because its limit was reached, in nanoseconds of the loop's clock.
    var nextCollection: Int64 = 0
    /// How many greens there were at the last one.
    var liveAtCollection = 0

    var unseenFailures = LogThrottle(
        most: 20, others: "more greens failed within a second and nobody looked at their futures")

    private let ownerBox: OwnerBox

    deinit { close() }

    /// Ends all greens where they stand and frees the Lua state. Nothing of it may be used afterwards; the loop may
    /// go on. Not from inside a green.
    public func close() {
        if isClosed { return }
        isClosed = true
        turn.scheduler = nil
        slices.scheduler = nil
        collection.scheduler = nil
        infoProviders = []
        abandonAll()
        lua.close()
        // Finalizers may have started greens, which have nothing left to run on.
        abandonAll()
        if let line = unseenFailures.takeLeftOut() { log(line) }
    }

    /// Lets go of every run without resuming it.
    private func abandonAll() {
        ready = WorkerLine()
        siblings.clear()
        preempted.clear()
        collection.clear()
        idle = WorkerLine()
        bare = WorkerLine()
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
}

/// What the Lua state knows as its owner.
private final class OwnerBox {
    unowned(unsafe) var scheduler: Scheduler?
}

/// Runs the ready greens on the loop's next turn.
final class SchedulerTurn: LoopTask {
    // Not weak: one weak reference makes every count of the scheduler's references slow.
    // Safety: the scheduler owns its turn, and takes itself out when it closes, which it does at the latest at its end.
    unowned(unsafe) var scheduler: Scheduler?

    override func run() { scheduler?.runReady() }
}

/// Gives a slice to what computes, in the background of the loop: with several schedulers on it, one has its slice in each
/// turn.
final class SchedulerSlices: LoopTask {
    // Safety: as in `SchedulerTurn`.
    unowned(unsafe) var scheduler: Scheduler?

    override func run() { scheduler?.runSlices() }
}
