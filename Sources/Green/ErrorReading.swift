import LuaRuntime

/// Takes the place of a failed run's outcome while code of the script closes what the run has left open, and then says
/// what its error means: in the green itself, where that may wait, gives way, and has the green's limits.
final class ErrorReading: Outcome {
    enum Stage {
        /// The variables that are to be closed. It ends with the same error, or one raised by closing.
        case closing
        /// What the outcome wants to know of the error.
        case meaning
        /// Its text.
        case text
    }

    let stage: Stage
    /// Whose run it is.
    let outcome: Outcome
    /// Where the run had failed.
    let traceback: String
    private unowned let scheduler: Scheduler
    private unowned let worker: GreenWorker
    /// The vault's number of the error.
    private let slot: Int32

    init(_ stage: Stage, of outcome: Outcome, _ worker: GreenWorker, error slot: Int32, traceback: String) {
        self.stage = stage
        self.outcome = outcome
        self.traceback = traceback
        self.worker = worker
        self.slot = slot
        scheduler = worker.scheduler
        super.init()
    }

    deinit { scheduler.lua.vault.release(slot) }

    override var reading: ErrorReading? { self }

    /// Whether the value on top of a stack is the error.
    func isError(onTopOf stack: LuaStack) -> Bool {
        scheduler.lua.vault.push(slot, on: stack)
        defer { stack.pop() }
        return stack.rawEqual(-1, -2)
    }

    override var isSettled: Bool { outcome.isSettled }

    override var waitDescription: String { outcome.waitDescription }
    override var subject: String? { outcome.subject }

    override func continuation(_ stack: LuaStack, results count: Int32) -> Int32? {
        stage == .meaning ? outcome.continuation(stack, results: count) : nil
    }

    override func succeeded(_ stack: LuaStack, results count: Int32) {
        switch stage {
        case .closing, .meaning: outcome.succeeded(stack, results: count)
        case .text: tell(stack, text: stack.string(at: -count) ?? LuaError.withoutText)
        }
    }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        switch stage {
        case .closing:
            // Of an error that closing has raised it is how it came to that.
            let calls = stack.reserve(2) && !isError(onTopOf: stack) ? stack.callsLeft(byErrorAt: -1) : ""
            let place = calls.isEmpty ? traceback : "stack traceback:\(calls)\nclosing what was open at:\n\(traceback)"
            worker.hasFailed(at: place, text: nil)
            outcome.failed(worker, stack)
        case .meaning:
            if stack.reserve(1), isError(onTopOf: stack) { worker.hasFailed(at: traceback, text: nil) }
            outcome.failed(worker, stack)
        case .text:
            // It may have variables to be closed, and what takes values off a stack would close them unprotected.
            scheduler.reset(worker)
            tell(stack, text: "the error is a value whose text cannot be read (its __tostring or __index fails)")
        }
    }

    override func cancelledBeforeStart() { tell(worker.stack, text: "the error is a value that was not read") }

    override func abandoned() { outcome.abandoned() }

    private func tell(_ stack: LuaStack, text: String) {
        worker.hasFailed(at: traceback, text: text)
        stack.setTop(0)
        scheduler.lua.vault.push(slot, on: stack)
        outcome.failed(worker, stack)
    }
}
