import LuaRuntime

/// What becomes of runs that end with an error which nothing in them has caught.
extension Scheduler {
    func failed(_ worker: GreenWorker) {
        worker.giveUpUndertakings()
        if startsClosing(worker) || startsReading(worker) { return resume(worker) }
        worker.outcome.object?.failed(worker, worker.stack)
        reset(worker)
        end(worker)
    }

    /// The error of a failed run, which is on top of `stack`, with its traceback and those of other greens that it came
    /// from: for `Outcome.failed`.
    public func error(of worker: GreenWorker, on stack: LuaStack) -> LuaError {
        var error = ownError(of: worker, on: stack)
        if let raised = worker.raised, raised.isError(onTopOf: stack, text: error.message) {
            error.traceback = GreenFailure.text(error.traceback, cause: raised)
            if let limit = raised.error.limit {
                error.limit = limit
                error.message = raised.error.message
            }
        }
        return error
    }

    /// The same for its future, which keeps it.
    func failure(of worker: GreenWorker, on stack: LuaStack) -> GreenFailure {
        var error = ownError(of: worker, on: stack)
        let raised = worker.raised.flatMap { $0.isError(onTopOf: stack, text: error.message) ? $0 : nil }
        if let raised, let limit = raised.error.limit {
            error.limit = limit
            error.message = raised.error.message
        }
        return GreenFailure(worker.name, error, value: stack.identity(of: -1), cause: raised)
    }

    private func ownError(of worker: GreenWorker, on stack: LuaStack) -> LuaError {
        let traceback = traceback(of: worker)
        if let text = worker.failure?.text { return LuaError(.runtime, text, traceback: traceback) }
        var error = LuaError(ofFailed: stack, by: lua.main, traceback: traceback)
        if error.limit == nil, let limit = limit(of: worker, error.kind) {
            error.limit = limit
            error.message = limit.message
        }
        return error
    }

    /// The limit that the error at an index tells of, of the green that runs; nil where it tells of none, or says so itself.
    public func limit(ofErrorAt index: Int32, of lua: LuaStack) -> RunLimit? {
        guard let running else { return nil }
        if let object = ErrorObject.at(index, of: lua) {
            return object.limit == nil ? limit(of: running, object.kind) : nil
        }
        guard lua.type(at: index) == .string, lua.string(at: index) == LuaError.noMemory else { return nil }
        return limit(of: running, .memory)
    }

    /// The limit that an error of this kind tells of.
    private func limit(of worker: GreenWorker, _ kind: LuaError.Kind) -> RunLimit? {
        switch (kind, worker.spentLimit) {
        case (.memory, _): limits.memory.map { .memory($0) }
        case (.timeout, .deadline(let span)): .deadline(span)
        case (.limit, .processorTime(let span)): .processorTime(span)
        case (.limit, .instructions(let count)): .instructions(count)
        default: nil
        }
    }

    /// Whether what the run has left open is closed first: in its place, as closing may wait.
    private func startsClosing(_ worker: GreenWorker) -> Bool {
        let main = lua.main
        guard worker.stopReason == nil, worker.stack.hasClosers, let outcome = worker.outcome.object,
            outcome.reading == nil, main.reserve(8)
        else { return false }
        let before = main.top
        guard let slot = try? lua.vault.reserve() else {
            main.setTop(before)  // A failure leaves its error there.
            return false
        }
        let traceback = traceback(of: worker)
        guard worker.stack.takeClosers(onto: main) else {
            lua.vault.release(slot)
            return false
        }
        main.pushCopy(of: -1)
        lua.vault.store(slot, from: main)
        run(ErrorReading(.closing, of: outcome, worker, error: slot, traceback: traceback), worker, arguments: 2)
        return true
    }

    /// Whether code of the script has to say first what its error means: then that is to run in the place of what failed.
    private func startsReading(_ worker: GreenWorker) -> Bool {
        let type = worker.stack.type(at: -1)
        guard type == .table || type == .userdata, worker.stopReason == nil, let outcome = worker.outcome.object,
            worker.stack.reserve(1), lua.main.reserve(8)
        else { return false }
        let main = lua.main
        let before = main.top
        defer { main.setTop(before) }
        worker.stack.pushCopy(of: -1)
        worker.stack.move(1, to: main)
        guard let (stage, arguments) = pushReader(outcome, main) else { return false }
        guard let slot = try? lua.vault.reserve() else { return false }
        main.pushCopy(of: before + 1)
        lua.vault.store(slot, from: main)
        let traceback = traceback(ofError: worker, outcome.reading)
        run(
            ErrorReading(stage, of: outcome.reading?.outcome ?? outcome, worker, error: slot, traceback: traceback),
            worker, arguments: arguments)
        if stage == .text, worker.meter.limit == 0 {
            // As long as a text may take that is made outside of any green.
            worker.meter.limit = worker.meter.used + 1_000_000_000
            worker.isLimited = true
        }
        return true
    }

    /// Has the function on top of the main stack, below its arguments, run in the place of what failed.
    private func run(_ reading: ErrorReading, _ worker: GreenWorker, arguments: Int32) {
        reset(worker)
        if worker.timeoutScope != nil { DeadlineScope.closeAll(of: worker) }
        worker.shields = 0
        lua.main.move(arguments + 1, to: worker.stack)  // A coroutine that has been reset has room for some.
        worker.outcome.hold(reading)
        worker.startArguments = arguments
    }

    /// Pushes what reads the error on top of the main stack, and its arguments; how many.
    private func pushReader(_ outcome: Outcome, _ main: LuaStack) -> (ErrorReading.Stage, Int32)? {
        let stage = outcome.reading?.stage
        if stage == nil || stage == .closing, let arguments = outcome.reading(ofError: main) {
            return (.meaning, arguments)
        }
        guard stage != .text, ErrorObject.at(-1, of: main) == nil, LuaError.textAsksScript(onTopOf: main) else {
            return nil
        }
        lua.vault.push(textSlot, on: main)
        main.pushCopy(of: -2)
        return (.text, 1)
    }

    /// What has raised an error again that was being read failed where that came from.
    private func traceback(ofError worker: GreenWorker, _ reading: ErrorReading?) -> String {
        if let reading, worker.stack.reserve(1), reading.isError(onTopOf: worker.stack) { return reading.traceback }
        return traceback(of: worker)
    }
}
