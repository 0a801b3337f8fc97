/// A Swift closure as a Lua function: what it is called, and what it does. Lua holds it until the function is garbage.
///
/// The closure answers codes as a ``Native`` does: it must not raise or wait, only say so. Loop thread only.
public final class RegisteredFunction {
    /// What runs on a call, and after a park: the coroutine in, a code out.
    public typealias Body = (LuaStack) -> Int32

    /// What messages call it.
    public let name: String
    private let body: Body
    private let resumed: Body?

    /// - Parameters:
    ///   - name: what messages call it.
    ///   - body: runs when Lua calls.
    ///   - resumed: runs when the park that `body` answered is over; nil when it never parks.
    public init(name: String, body: @escaping Body, resumed: Body? = nil) {
        self.name = name
        self.body = body
        self.resumed = resumed
    }

    /// Makes such functions known to a state; once for each.
    public static func install(in lua: LuaState) throws(LuaError) { try lua.register(definition) }

    /// Pushes it as a function.
    public func push(on lua: LuaStack) throws(LuaFailure) {
        try lua.push(reference: self, as: Self.definition)
        try lua.push(Self.native, upvalues: 1)
    }

    private static let definition = ClassDefinition("Swift function", release: ClassDefinition.releaseReference)

    private static let native = Native(
        "Swift function",
        { coroutine in
            let lua = LuaStack(coroutine)
            guard let function = running(lua) else { return lua.fail("the Swift function behind this is gone") }
            return function.body(lua)
        },
        resumed: { coroutine in
            let lua = LuaStack(coroutine)
            guard let function = running(lua), let resumed = function.resumed else {
                return lua.fail("the Swift function behind this is gone")
            }
            return resumed(lua)
        })

    /// The function whose closure is running; nil only when a script with the `debug` library has tampered with it.
    private static func running(_ lua: LuaStack) -> RegisteredFunction? {
        lua.pushUpvalue(1)
        defer { lua.pop() }
        return lua.reference(at: -1, of: definition, as: RegisteredFunction.self)
    }
}

extension LuaStack {
    /// Raises a Swift error as an error object that keeps it as its cause; its message begins with the caller's
    /// "file:line:". Use as `return lua.fail(throwing: error)`.
    public func fail(throwing error: any Error) -> Int32 {
        let place = location
        let prefix = place.isEmpty ? "" : place + ": "
        let object: ErrorObject
        switch error {
        case let error as LuaError:
            object = ErrorObject(
                error.kind, prefix + error.message, underlying: error.underlying, limit: error.limit)
        case is CancellationError:
            object = ErrorObject(.cancelled, prefix + "cancelled", underlying: error)
        default:
            object = ErrorObject(.runtime, prefix + "\(error)", underlying: error)
        }
        do { try push(reference: object, as: ErrorObject.definition) } catch { return Native.raise }
        return Native.raise
    }

    /// Raises "bad argument #number to 'function' (integer expected, got string)".
    public func fail(argument number: Int32, of function: String, _ mismatch: LuaMismatch) -> Int32 {
        fail("bad argument #\(number) to '\(function)' (\(mismatch.argumentText))")
    }
}
