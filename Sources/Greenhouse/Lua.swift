import Green
import LuaRuntime

/// A host's Lua state, while `ScriptHost.withLua` lends it: synchronous steps without waits.
///
/// It cannot be copied or kept. Lua functions called through it cannot wait; `ScriptHost.call` is for those that do.
public struct Lua: ~Copyable {
    let core: HostCore

    /// The value of a global, or of a field within: `lua.get("config", "port", as: Int.self)`. Metamethods count.
    /// - Throws: `.conversion`, or `.runtime` where something on the way has no fields.
    public func get<T: LuaConvertible>(_ path: String..., as type: T.Type = T.self) throws(LuaError) -> T {
        let result = try core.onMain { (stack, _) throws(LuaFailure) -> Result<T, LuaMismatch> in
            try Self.push(path[...], on: stack)
            return Self.read(stack, at: stack.top)
        }
        return try Self.value(of: result, path.joined(separator: "."))
    }

    /// Sets a global, or a field of a table that is there: `lua.set("config", "port", to: 80)`. Metamethods count.
    public func set<T: LuaConvertible>(_ path: String..., to value: T) throws(LuaError) {
        precondition(!path.isEmpty, "set without a name; expected the name of a global, or a path to a field")
        try core.onMain { (stack, _) throws(LuaFailure) in
            try Self.push(path.dropLast(), on: stack)
            try value.pushLua(on: stack)
            try stack.setField(path[path.count - 1], of: -2)
        }
    }

    /// Calls a global function; the call cannot wait.
    /// - Throws: what the function raises, with a traceback.
    @discardableResult
    public func call<each Argument: LuaConvertible, T: LuaConvertible>(
        _ name: String, _ arguments: repeat each Argument, returning type: T.Type = LuaVoid.self
    ) throws(LuaError) -> T {
        try run(name) { (stack) throws(LuaFailure) in
            try Self.push([name], on: stack)
            let before = stack.top
            for argument in repeat each arguments { try argument.pushLua(on: stack) }
            return stack.top - before
        }
    }

    /// Runs a chunk; it cannot wait.
    /// - Throws: `.syntax`, or what it raises.
    @discardableResult
    public func evaluate<T: LuaConvertible>(
        _ source: String, name: String = "chunk", as type: T.Type = LuaVoid.self
    ) throws(LuaError) -> T {
        let scheduler = try core.opened()
        let before = scheduler.lua.main.top
        defer { scheduler.lua.main.setTop(before) }
        try scheduler.lua.load(Array(source.utf8), name: "=" + name)
        return try run(name) { (stack) throws(LuaFailure) in
            stack.pushCopy(of: -1)
            return 0
        }
    }

    /// What the state's allocator counts.
    public var memory: LuaMemory {
        get throws(LuaError) { try core.opened().lua.memory }
    }

    /// A full garbage collection.
    public func collectGarbage() throws(LuaError) { try core.opened().lua.collectGarbage() }

    /// `push` puts a function and its arguments on the stack, and answers how many arguments.
    private func run<T: LuaConvertible>(
        _ name: String, _ push: (LuaStack) throws(LuaFailure) -> Int32
    ) throws(LuaError) -> T {
        let ending = try core.onMain { (stack, scheduler) throws(LuaFailure) -> Result<T, CallProblem> in
            let arguments = try push(stack)
            let first = stack.top - arguments
            do throws(LuaError) {
                try scheduler.lua.call(on: stack, arguments: arguments, results: -1)
            } catch {
                return .failure(.error(error))
            }
            return Self.read(stack, at: first).mapError { .mismatch($0) }
        }
        switch ending {
        case .success(let value): return value
        case .failure(.error(let error)): throw error
        case .failure(.mismatch(let mismatch)): throw LuaError(mismatch, of: "the result of '\(name)'")
        }
    }

    private enum CallProblem: Error {
        case error(LuaError)
        case mismatch(LuaMismatch)
    }

    /// Pushes the globals, or what is at the path.
    static func push(_ path: ArraySlice<String>, on stack: LuaStack) throws(LuaFailure) {
        stack.pushGlobals()
        for name in path {
            try stack.pushField(name, of: -1)
            stack.remove(at: -2)
        }
    }

    private static func read<T: LuaConvertible>(_ stack: LuaStack, at index: Int32) -> Result<T, LuaMismatch> {
        do throws(LuaMismatch) {
            return .success(try T.fromLua(stack, at: index))
        } catch {
            return .failure(error)
        }
    }

    private static func value<T>(of result: Result<T, LuaMismatch>, _ subject: String) throws(LuaError) -> T {
        switch result {
        case .success(let value): return value
        case .failure(let mismatch): throw LuaError(mismatch, of: "'\(subject)'")
        }
    }
}
