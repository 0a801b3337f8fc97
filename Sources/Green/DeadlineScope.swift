import EventLoop
import LuaRuntime

/// One `green.timeout(seconds, fn, ...)` under way: when its time is up, the green's wait raises `green.timed_out`.
///
/// It interrupts once; what runs then may clean up, and wait while it does. Scopes nest; each green has its own.
final class DeadlineScope: LoopTimer {
    private unowned let worker: GreenWorker
    private let outer: DeadlineScope?
    /// Which scope of its green this is: a script's coroutines may leave scopes in another order than they entered.
    private let number: Int
    private var isOver = false

    init(_ worker: GreenWorker) {
        self.worker = worker
        outer = worker.timeoutScope
        number = (worker.timeoutScope?.number ?? 0) + 1
        super.init()
    }

    override func fire() {
        // The run may have ended with this timer still set: an error that unwound past `resumed` of `timeout`.
        var scope = worker.timeoutScope
        while let candidate = scope, candidate !== self { scope = candidate.outer }
        guard scope === self else { return }
        isOver = true
        let isOutermost = worker.pendingInterrupt != .deadline || number < (worker.pendingScope?.number ?? .max)
        if isOutermost { worker.pendingScope = self }
        worker.scheduler.interrupt(worker, .deadline)
    }

    /// Ends the scope a script entered under this number, and those left inside it.
    private static func close(_ number: Int?, of worker: GreenWorker) {
        var scope = worker.timeoutScope
        while let candidate = scope, candidate.number != number { scope = candidate.outer }
        guard let scope else { return }
        close(from: worker.timeoutScope, to: scope)
        worker.timeoutScope = scope.outer
        // It ended before its interrupt met a wait: the interrupt came to nothing.
        guard worker.pendingInterrupt == .deadline, let pending = worker.pendingScope else { return }
        if pending.number >= scope.number { worker.pendingInterrupt = .ready }
    }

    /// Ends all scopes of a run that is over.
    static func closeAll(of worker: GreenWorker) {
        close(from: worker.timeoutScope, to: nil)
        worker.timeoutScope = nil
        worker.pendingScope = nil
    }

    private static func close(from inner: DeadlineScope?, to last: DeadlineScope?) {
        var scope = inner
        while let candidate = scope {
            candidate.worker.scheduler.loop.cancel(candidate)
            if candidate === last { return }
            scope = candidate.outer
        }
    }

    /// Where the green cannot give way, the loop cannot look at its timers: the outermost scope that is due fires.
    static func fireIfDue(_ worker: GreenWorker) {
        var due: DeadlineScope?
        var scope = worker.timeoutScope
        guard scope != nil else { return }
        worker.scheduler.loop.updateNow()
        let now = worker.scheduler.loop.now
        while let candidate = scope {
            if candidate.isScheduled, candidate.deadline <= now { due = candidate }
            scope = candidate.outer
        }
        guard let due else { return }
        worker.scheduler.loop.cancel(due)
        due.fire()
    }

    /// Whether the time of any scope around what a worker runs is up.
    static func isOver(for worker: GreenWorker) -> Bool {
        var scope = worker.timeoutScope
        while let candidate = scope {
            if candidate.isOver { return true }
            scope = candidate.outer
        }
        return false
    }

    /// `green.timeout(seconds, fn, ...)`: runs `fn(...)` in this green, and gives its results.
    static let native = Native(
        "green.timeout",
        { state in
            let lua = LuaStack(state)
            let span: Int64?
            switch Seconds.read(lua, at: 1) {
            case .bad: return lua.fail(argument: 1, expected: "number of seconds")
            case .none: span = nil
            case .nanoseconds(let nanoseconds): span = nanoseconds
            }
            guard lua.isCallable(at: 2) else { return lua.fail(argument: 2, expected: "function") }
            let scheduler = Scheduler.of(lua)
            guard let worker = scheduler.running else { return lua.fail(Scheduler.mainMessage) }
            let scope = DeadlineScope(worker)
            worker.timeoutScope = scope
            lua.push(scope.number)
            lua.replace(at: 1)
            if let span { scheduler.loop.schedule(scope, at: scheduler.loop.now.advanced(byNanoseconds: span)) }
            return Native.protectedCall(at: 2)
        },
        resumed: { state in
            let lua = LuaStack(state)
            let scheduler = Scheduler.of(lua)
            if let worker = scheduler.running { close(lua.integer(at: 1), of: worker) }
            if lua.callFailed { return Native.raise }
            return lua.top - 1
        })
}

extension Scheduler {
    /// Whether the time of a `green.timeout` around what the running green does is up; false outside of any green.
    public var isPastDeadline: Bool { running.map(DeadlineScope.isOver) ?? false }
}
