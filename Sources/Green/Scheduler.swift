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
    public internal(set) var current: GreenWorker?
    /// Every worker there is, by position; idle ones in `idle` as well.
    var workers: [GreenWorker] = []
    var idle: [GreenWorker] = []
    private var readyHead: GreenWorker?
    private unowned(unsafe) var readyTail: GreenWorker?
    private let turn = SchedulerTurn()
    private var lastSerial = 0
    /// How many greens have begun, or are to begin, and have not ended.
    public private(set) var liveCount = 0
    /// Called when `liveCount` falls to zero.
    public var onAllEnded: (() -> Void)?
    /// Made once, so that raising them needs no memory.
    var timedOutSlot: Int32 = 0
    var cancelledSlot: Int32 = 0
    var waitSlot: Int32 = 0

    /// Kept as long as the state is: what natives of other rooms point at.
    public var attachments: [AnyObject] = []

    /// Resumptions between two looks at descriptors: bounds how long ready greens keep the loop from I/O.
    static let resumptionsPerTurn = 256

    /// A scheduler with a new Lua state.
    /// - Parameters:
    ///   - loop: where it lives.
    ///   - libraries: what scripts find of the standard libraries.
    ///   - globals: whether `wait`, `GreenPool` and the other words are globals of scripts, too.
    /// - Throws: `.memory`.
    public init(loop: EventLoop, libraries: LuaLibraries = .all, globals: Bool = true) throws(LuaError) {
        self.loop = loop
        let owner = OwnerBox()
        // Safety: the box is retained by `ownerBox` for as long as the state may ask for it.
        lua = try LuaState(owner: Unmanaged.passUnretained(owner).toOpaque())
        ownerBox = owner
        owner.scheduler = self
        turn.scheduler = self
        try lua.open(libraries)
        try GreenModule.install(in: self, globals: globals)
    }

    private let ownerBox: OwnerBox

    deinit { close() }

    /// Ends all greens where they stand and frees the Lua state. Nothing of it may be used afterwards.
    public func close() {
        lua.close()
    }

    /// The scheduler of the state that a native runs in.
    public static func of(_ lua: LuaStack) -> Scheduler {
        guard let owner = lua.owner else { fatalError("bug: a Lua state without a scheduler") }
        // Safety: `owner` is the box given in `init`, which lives as long as the state.
        let box = Unmanaged<OwnerBox>.fromOpaque(owner).takeUnretainedValue()
        return box.scheduler.unsafelyUnwrapped
    }

    // MARK: Starting

    /// Starts a run: takes the function and its `arguments` values off `stack`. It begins on a later turn, in order.
    @discardableResult
    public func start(
        from stack: LuaStack, arguments: Int32, outcome: Outcome, pool: GreenPool? = nil
    ) throws(LuaFailure) -> GreenWorker {
        let worker = try obtain(reporting: stack)
        guard worker.stack.reserve(arguments + 1) else {
            retire(worker)
            try stack.push("too many arguments for a green")
            throw LuaFailure.memory
        }
        stack.move(arguments + 1, to: worker.stack)
        worker.pool = pool
        begin(worker, arguments: arguments, outcome: outcome)
        return worker
    }

    /// The function and its arguments are on the worker's stack: let it begin on a later turn.
    func begin(_ worker: GreenWorker, arguments: Int32, outcome: Outcome) {
        lastSerial += 1
        worker.serial = lastSerial
        worker.startArguments = arguments
        worker.outcome = outcome
        worker.pendingInterrupt = .ready
        worker.wakeReason = .ready
        liveCount += 1
        makeReady(worker)
    }

    /// An idle worker or a new one.
    func obtain(reporting stack: LuaStack) throws(LuaFailure) -> GreenWorker {
        if let worker = idle.popLast() { return worker }
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
            let worker = GreenWorker(self, stack: thread, anchor: anchor)
            worker.position = workers.count
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
        idle.append(worker)
    }

    // MARK: The ready queue

    @inline(__always)
    func makeReady(_ worker: GreenWorker) {
        worker.state = .ready
        if let tail = readyTail {
            tail.nextReady = worker
        } else {
            readyHead = worker
            loop.enqueue(turn)
        }
        readyTail = worker
    }

    /// Runs what is ready, up to a bound; the rest on the next turn.
    func runReady() {
        var left = Self.resumptionsPerTurn
        while let worker = readyHead {
            if left == 0 {
                loop.enqueue(turn)
                return
            }
            left -= 1
            readyHead = worker.nextReady
            worker.nextReady = nil
            if readyHead == nil { readyTail = nil }
            resume(worker)
            if readyHead == nil { return }
        }
    }

    /// Runs a worker that was just begun, without waiting for its turn. For callers outside of any green.
    public func runNow(_ worker: GreenWorker) {
        if readyHead === worker, worker.nextReady == nil {
            readyHead = nil
            readyTail = nil
            resume(worker)
        }
    }

    private func resume(_ worker: GreenWorker) {
        let arguments = worker.startArguments
        if arguments >= 0 {
            worker.startArguments = -1
            if worker.pendingInterrupt == .cancelled {
                worker.outcome?.cancelledBeforeStart()
                end(worker)
                return
            }
        }
        let before = current
        current = worker
        worker.state = .running
        let result = worker.stack.resume(arguments: max(arguments, 0))
        current = before
        switch result {
        case .parked:
            // A C module's own yield, not a park: it gives way.
            if worker.state == .running { makeReady(worker) }
        case .done(let results):
            ended(worker, results: results)
        case .failed:
            worker.outcome?.failed(worker, worker.stack)
            worker.stack.reset()
            end(worker)
        }
    }

    private func ended(_ worker: GreenWorker, results: Int32) {
        if results > 0, Future.at(-results, of: worker.stack) != nil, worker.stack.reserve(2) {
            // The result is to come: the same worker waits for it, and gives what it gives.
            worker.stack.pop(results - 1)
            lua.vault.push(waitSlot, on: worker.stack)
            worker.stack.insert(at: -2)
            worker.startArguments = 1
            resume(worker)
            return
        }
        if let arguments = worker.outcome?.continuation(worker.stack, results: results) {
            worker.startArguments = arguments
            resume(worker)
            return
        }
        worker.outcome?.succeeded(worker.stack, results: results)
        end(worker)
    }

    /// The run is over, however it went: the worker is free for the next.
    private func end(_ worker: GreenWorker) {
        worker.stack.setTop(0)
        worker.outcome = nil
        worker.state = .idle
        if worker.deadline != nil { DeadlineScope.closeAll(of: worker) }
        worker.pendingInterrupt = .ready
        if worker.heldLock != nil { GreenLock.releaseAll(of: worker) }
        if worker.localsSlot != 0 {
            lua.vault.release(worker.localsSlot)
            worker.localsSlot = 0
        }
        if worker.handleSlot != 0 {
            lua.vault.release(worker.handleSlot)
            worker.handleSlot = 0
        }
        if let pool = worker.pool { pool.workerIsFree(worker) } else { idle.append(worker) }
        liveCount -= 1
        if liveCount == 0 { onAllEnded?() }
    }
}

/// What the Lua state knows as its owner.
private final class OwnerBox {
    unowned(unsafe) var scheduler: Scheduler?
}

/// Runs the ready greens on the loop's next turn.
private final class SchedulerTurn: LoopTask {
    weak var scheduler: Scheduler?

    override func run() { scheduler?.runReady() }
}
