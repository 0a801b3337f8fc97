import Green
import LuaRuntime

/// Swift functions for scripts.
extension ScriptHost {
    /// Makes a Swift function a global of scripts, or, under a name like `"db.user"`, a field of a global table that
    /// is made when missing.
    ///
    /// It runs on the loop's thread and must not block. What it throws is the Lua error at the call: its message
    /// behind "file:line:", and the Swift error again as `LuaError.underlying` when it comes back to Swift.
    /// Arguments that do not convert raise "bad argument #2 to 'add' (integer expected, got string)".
    @inlinable
    public func register<each Argument: LuaConvertible, Result: LuaConvertible>(
        _ name: String, _ body: @escaping @Sendable (repeat each Argument) throws -> Result
    ) throws(LuaError) {
        try install(RegisteredFunction.typed(name, body))
    }

    /// The same for a function without a result.
    @inlinable
    public func register<each Argument: LuaConvertible>(
        _ name: String, _ body: @escaping @Sendable (repeat each Argument) throws -> Void
    ) throws(LuaError) {
        try install(
            RegisteredFunction.typed(name) { (arguments: repeat each Argument) throws -> LuaVoid in
                try body(repeat each arguments)
                return LuaVoid()
            })
    }

    /// The same for an `async` function: a plain call in Lua that parks its green until the result is there.
    ///
    /// The function runs in a task whose preferred executor is the loop: between its `await`s it must not block, and
    /// what it awaits may run anywhere. When the green is cancelled meanwhile, the task is, too, and the green goes on
    /// at once; a late result is dropped.
    public func registerAsync<each Argument: LuaConvertible & Sendable, Result: LuaConvertible & Sendable>(
        // `@concurrent`: without it, a closure literal given here crashes the compiler (Swift 6.3.1).
        _ name: String, _ body: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Result
    ) throws(LuaError) {
        let function = RegisteredFunction(
            name: name,
            body: { lua in
                var reader = ArgumentReader(lua)
                let arguments: (repeat each Argument)
                do throws(LuaMismatch) {
                    arguments = (repeat try reader.next((each Argument).self))
                } catch {
                    return lua.fail(argument: reader.position, of: name, error)
                }
                return AsyncCall.begin(name, lua) { call, loop in
                    Task(executorPreference: loop.taskExecutor) {
                        do {
                            let result = try await body(repeat each arguments)
                            call.finish { $0.give(result) }
                        } catch {
                            call.finish { $0.fail(throwing: error) }
                        }
                    }
                }
            }, resumed: AsyncCall.resume)
        try install(function)
    }

    /// The same for an `async` function without a result.
    public func registerAsync<each Argument: LuaConvertible & Sendable>(
        _ name: String, _ body: @escaping @Sendable @concurrent (repeat each Argument) async throws -> Void
    ) throws(LuaError) {
        try registerAsync(name) { (arguments: repeat each Argument) async throws -> LuaVoid in
            try await body(repeat each arguments)
            return LuaVoid()
        }
    }

    /// Puts the function where its name says.
    @usableFromInline
    func install(_ function: RegisteredFunction) throws(LuaError) {
        let path = function.name.split(separator: ".").map(String.init)
        precondition(!path.isEmpty, "register of a function named \"\(function.name)\"; expected a name")
        try core.onMain { (stack, _) throws(LuaFailure) in
            stack.pushGlobals()
            for name in path.dropLast() {
                try stack.pushField(name, of: -1)
                if stack.isNil(at: -1) {
                    stack.pop()
                    try stack.pushTable()
                    stack.pushCopy(of: -1)
                    try stack.setField(name, of: -3)
                }
                stack.remove(at: -2)
            }
            try function.push(on: stack)
            try stack.setField(path[path.count - 1], of: -2)
        }
    }
}
