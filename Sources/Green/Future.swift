import LuaRuntime

/// A result that will come: what `spawn` and `submit` return and `wait` takes.
///
/// Settled once, with values, an error, or a cancellation. A failure that nobody ever looks at is logged when the
/// future goes away. Loop thread only.
public final class Future: Outcome {
    /// How a future stands.
    public enum State: UInt8, Sendable {
        case pending
        case succeeded
        case failed
        case cancelled
    }

    let scheduler: Scheduler
    /// How it stands.
    public private(set) var state = State.pending
    /// Its values, or its error value.
    private var values = StoredValues()
    /// The green whose result this is, while it runs or waits to.
    /// Safety: workers live as long as the scheduler, which this future retains.
    unowned(unsafe) var worker: GreenWorker?
    /// Made by `green.future()`: settled by the script, and by nobody else.
    var isPromise = false
    /// What few futures have, so that the many stay small.
    private final class Rarities {
        /// The failure's text, until somebody has looked at it.
        var unseen: String?
        /// How its green has failed.
        var failure: GreenFailure?
        /// Nobody has looked at that.
        var isUnseen = false
        /// The pool in whose line the job waits.
        var pool: GreenPool?
        /// Told when it settles, each on its own.
        var callbacks: [(Future) -> Void] = []

        var unseenText: String? {
            if let unseen { return unseen }
            return isUnseen ? failure.map { "\($0.error.message)\n\($0.traceback)" } : nil
        }

        func wasSeen(by worker: GreenWorker?) {
            unseen = nil
            isUnseen = false
            if let failure { worker?.raised = failure }
        }
    }

    private var rarities: Rarities?

    /// How its green has failed; nil for what no green has.
    var failure: GreenFailure? { rarities?.failure }

    private func withRarities(_ body: (Rarities) -> Void) {
        let rarities = rarities ?? Rarities()
        self.rarities = rarities
        body(rarities)
    }

    /// A future that nobody has promised to settle yet.
    public init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init()
    }

    deinit {
        if let unseen = rarities?.unseenText {
            scheduler.logUnseen("a green failed and nobody looked at its future: \(unseen)")
        }
        values.release(scheduler.lua.vault)
    }

    /// Whether it has settled, in whatever way.
    public var isDone: Bool { state != .pending }

    override public var waitDescription: String {
        if let worker { return "the future of \(worker.name)" }
        return "a future"
    }

    // MARK: Settling

    override public func succeeded(_ stack: LuaStack, results count: Int32) {
        settle(.succeeded, count, from: stack)
    }

    override public func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        if ErrorObject.at(-1, of: stack)?.kind == .cancelled {
            settle(.cancelled, 1, from: stack)
            return
        }
        let failure = scheduler.failure(of: worker, on: stack)
        withRarities {
            $0.failure = failure
            $0.isUnseen = true
        }
        settle(.failed, 1, from: stack)
    }

    override public func cancelledBeforeStart() { settleCancelled() }

    /// Settles with copies of the top `count` values of a stack; false when it was settled already.
    @discardableResult
    func settle(_ state: State, _ count: Int32, from stack: LuaStack) -> Bool {
        guard self.state == .pending else { return false }
        self.state = state
        worker = nil
        do {
            try values.store(count, from: stack, vault: scheduler.lua.vault)
        } catch {
            // The error value, "not enough memory", is on top; `memorySlot` holds another, so it needs no room.
            self.state = .failed
            isUnseen(rarities?.unseenText ?? "not enough memory for its results")
            try? values.store(0, from: stack, vault: scheduler.lua.vault)
            stack.pop()
        }
        tellWaiters()
        return true
    }

    func settleCancelled() {
        guard state == .pending else { return }
        state = .cancelled
        worker = nil
        tellWaiters()
    }

    private func tellWaiters() {
        wakeAll()
        guard let told = rarities?.callbacks, !told.isEmpty else { return }
        rarities?.callbacks = []
        for callback in told { callback(self) }
    }

    /// Somebody settled it with an error: to be logged if nobody looks.
    func isUnseen(_ text: String) { withRarities { $0.unseen = text } }

    /// Calls `callback` when it settles; at once when it has.
    func whenDone(_ callback: @escaping (Future) -> Void) {
        if isDone { callback(self) } else { withRarities { $0.callbacks.append(callback) } }
    }

    /// Cancels it: a green that has not begun never does; one that waits gets the `cancelled` error at its wait, and
    /// one that runs at its next wait or the end of its slice; it may clean up for as long as `RunLimits.grace` says. The
    /// second time it is stopped where it stands. false when it was settled already.
    @discardableResult
    public func cancel() -> Bool {
        guard state == .pending else { return false }
        if let worker {
            if worker.isCleaningUp || worker.hasHeldCancellation {
                scheduler.stop(worker, .cancelled)
                return true
            }
            scheduler.interrupt(worker, .cancelled)
            if worker.startArguments >= 0 {
                // Not begun: settled at once; the scheduler frees the worker when its turn comes.
                settleCancelled()
            }
        } else {
            rarities?.pool?.jobWasCancelled()
            rarities?.pool = nil
            settleCancelled()
        }
        return true
    }

    /// The job waits in a pool's line.
    override public func waits(in pool: GreenPool) { withRarities { $0.pool = pool } }

    override public var isSettled: Bool { isDone }

    override public func begun(by worker: GreenWorker) {
        rarities?.pool = nil
        self.worker = worker
    }

    // MARK: Reading

    /// What pushing a settled future's outcome came to.
    enum Pushed {
        case values(Int32)
        /// The error value is on top.
        case error
    }

    /// Pushes the values or the error of a settled future.
    func push(on stack: LuaStack) -> Pushed {
        if let rarities { rarities.wasSeen(by: scheduler.running) }
        switch state {
        case .cancelled:
            scheduler.lua.vault.push(scheduler.cancelledSlot, on: stack)
            return .error
        case .failed:
            // Without a value memory ran out while the values or the error were stored.
            if values.push(on: stack, vault: scheduler.lua.vault) != 1 {
                scheduler.lua.vault.push(scheduler.memorySlot, on: stack)
            }
            return .error
        default:
            guard let count = values.push(on: stack, vault: scheduler.lua.vault) else {
                if (try? stack.push("too many results to unpack")) == nil { return .error }
                return .error
            }
            return .values(count)
        }
    }

    /// The future at an index, or nil for any other value.
    @inline(__always)
    static func at(_ index: Int32, of lua: LuaStack) -> Future? {
        lua.reference(at: index, of: definition, as: Future.self)
    }
}
