import Green
import LuaRuntime

/// Scripts for Swift functions.
extension ScriptHost {
    /// Loads a chunk and runs it in a green, so it may wait; its first result is the function.
    /// - Parameters:
    ///   - name: what messages call the chunk: "handler.lua".
    ///   - globals: as for ``run(_:name:in:limits:returning:)``.
    ///   - limits: what loading may use, where that is not what the host's limits say.
    /// - Throws: `.syntax`, what the chunk raises, or `.conversion` when it returns no function.
    public func load(
        _ source: String, name: String, in globals: ScriptGlobals? = nil, limits: CallLimits = CallLimits()
    ) async throws(LuaError) -> LuaFunction {
        try await run(source, name: name, in: globals, limits: limits, returning: LuaFunction.self)
    }

    /// The same for a file.
    public func load(
        _ script: ScriptFile, in globals: ScriptGlobals? = nil, limits: CallLimits = CallLimits()
    ) async throws(LuaError) -> LuaFunction {
        try await run(script, in: globals, limits: limits, returning: LuaFunction.self)
    }

    /// Runs a chunk in a green of its own, and waits until that has ended.
    /// - Parameters:
    ///   - name: what messages call the chunk.
    ///   - globals: those that the chunk has together with others. nil: its own in a closed sandbox, or else the host's.
    ///   - limits: what it may use, where that is not what the host's limits say. Past its deadline its wait, or what it
    ///     computes, raises `green.timed_out`.
    /// - Throws: `.syntax`, or as ``call(_:_:limits:returning:)``.
    @discardableResult
    public func run<Result: LuaConvertible & Sendable>(
        _ source: String, name: String, in globals: ScriptGlobals? = nil, limits: CallLimits = CallLimits(),
        returning type: Result.Type = LuaVoid.self
    ) async throws(LuaError) -> Result {
        try await run(ScriptFile(source: source, name: name), in: globals, limits: limits, returning: type)
    }

    /// The same for a file. Where the package library is open, `require` finds modules beside the file.
    @discardableResult
    public func run<Result: LuaConvertible & Sendable>(
        _ script: ScriptFile, in globals: ScriptGlobals? = nil, limits: CallLimits = CallLimits(),
        returning type: Result.Type = LuaVoid.self
    ) async throws(LuaError) -> Result {
        let lua = try core.opened().lua
        if let folder = script.folder { try lua.addPackagePath("\(folder)/?.lua;\(folder)/?/init.lua") }
        let before = lua.main.top
        try lua.load(script.source, name: script.chunkName)
        try core.environments?.isolate(globals)
        let chunk: LuaReference
        do throws(LuaMismatch) {
            chunk = try LuaReference(lua.main, at: lua.main.top)
        } catch {
            lua.main.setTop(before)
            throw LuaError(.memory, "not enough memory")
        }
        lua.main.setTop(before)
        return try await perform(
            "the result of '\(script.chunkName.dropFirst())'", limits, type
        ) { (stack) throws(LuaFailure) in
            try LuaFunction(reference: chunk).pushLua(on: stack)
            return 0
        }
    }

    /// Calls a Lua function in a green of its own, and waits until that has ended.
    ///
    /// Cancelling the task cancels the green: the wait it is in, or its next one, raises `cancelled`.
    /// - Parameters:
    ///   - limits: what it may use, where that is not what the host's limits say. Past its deadline its wait, or what it
    ///     computes, raises `green.timed_out`.
    ///   - type: of the first result; ``LuaResults`` for several.
    /// - Throws: what the function raises, with its traceback and, when Swift threw it, `underlying`; `.conversion`
    ///   when the result is of another type; `.cancelled`; `.timeout`; `.limit`; `.memory`; `.closed`.
    @discardableResult
    public func call<each Argument: LuaConvertible & Sendable, Result: LuaConvertible & Sendable>(
        _ function: LuaFunction, _ arguments: repeat each Argument, limits: CallLimits = CallLimits(),
        returning type: Result.Type = LuaVoid.self
    ) async throws(LuaError) -> Result {
        try await perform("the result", limits, type) { (stack) throws(LuaFailure) in
            try function.pushLua(on: stack)
            let before = stack.top
            for argument in repeat each arguments { try argument.pushLua(on: stack) }
            return stack.top - before
        }
    }

    /// Runs the function that `push` puts on a stack, below as many arguments as it answers.
    private func perform<Result: LuaConvertible & Sendable>(
        _ subject: String, _ limits: CallLimits, _ type: Result.Type,
        _ push: (LuaStack) throws(LuaFailure) -> Int32
    ) async throws(LuaError) -> Result {
        try limits.check(on: core.opened().limits)
        if Task.isCancelled { throw LuaError(.cancelled, "cancelled") }
        let call = TypedCall<Result>(core, subject, limits)
        let loop = loop
        let ending = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<TypedCall<Result>.Ending, Never>) in
                do throws(LuaError) {
                    try core.begin(call, push)
                    call.tell(continuation)
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        } onCancel: {
            // Later on the loop: the call has begun by then.
            loop.execute { call.interrupt(.cancelled) }
        }
        return try ending.get()
    }
}
