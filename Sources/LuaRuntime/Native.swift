import CGreen

/// A Swift function that Lua calls: what it does, and what it does when the green is resumed after a park or a call.
///
/// The function must not raise or yield; it *answers a code*, and the membrane acts on it once the Swift frame is
/// gone: a count of results (the top values), or one of the codes here. Make one for the process (`static let`).
public struct Native {
    /// The form of both functions: the coroutine in, a code out.
    public typealias Function = @convention(c) (OpaquePointer) -> Int32

    @usableFromInline let pointer: UnsafePointer<cg_native>

    /// - Parameters:
    ///   - name: what reports of waiting greens call it: a literal like `"GreenLock:acquire"`.
    ///   - call: runs when Lua calls.
    ///   - resumed: runs when `park` or `call(at:)` is over; needed by natives that answer one of them.
    public init(_ name: StaticString, _ call: Function, resumed: Function? = nil) {
        let native = UnsafeMutablePointer<cg_native>.allocate(capacity: 1)
        // A StaticString's bytes are constant and end with a NUL.
        let text = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        native.initialize(to: cg_native(name: text, call: call, resumed: resumed))
        pointer = UnsafePointer(native)
    }

    /// Raise the value on top as it stands.
    public static let raise = Int32(CG_RAISE)
    /// Raise the string on top behind "file:line:" of the caller.
    public static let raiseAtCaller = Int32(CG_RAISE_AT)
    /// Give up the loop until the scheduler resumes the green; then `resumed`.
    public static let park = Int32(CG_PARK)

    /// Call the function at `index` with the values above it; then `resumed`, with all results from `index` on.
    @inlinable
    public static func call(at index: Int32) -> Int32 { Int32(CG_CALL) - index }

    /// The same, protected: `LuaStack.callFailed` tells in `resumed`; the error value is then at `index`.
    @inlinable
    public static func protectedCall(at index: Int32) -> Int32 { Int32(CG_PCALL) - index }

    /// `fault(message)`, for chunks of the host: raises it behind the place in the script that called them.
    public static let fault = Native("fault") { state in
        LuaStack(state).setTop(1)
        return raiseAtCaller
    }
}

/// What natives answer when something is wrong, and ask when they may wait.
extension LuaStack {
    /// Raises `message` behind the caller's "file:line:"; use as `return lua.fail("…")`.
    public func fail(_ message: String) -> Int32 {
        do { try push(message) } catch { return Native.raise }
        return Native.raiseAtCaller
    }

    /// Raises "bad argument #number to 'function' (message)" as `luaL_argerror` words it.
    public func fail(argument number: Int32, _ message: String) -> Int32 {
        push(Int(number))
        do { try push(message) } catch { return Native.raise }
        return Int32(CG_ARGUMENT)
    }

    /// Raises "bad argument #number … (expected …, got …)".
    public func fail(argument number: Int32, expected: String) -> Int32 {
        let got =
            switch type(at: number) {
            case .none: "no value"
            case .number: "number \(description(of: number))"  // The type may be right, and the value wrong.
            default: typeName(at: number)
            }
        return fail(argument: number, "\(expected) expected, got \(got)")
    }

    /// Whether the running native may park: false below a C function that cannot be yielded across.
    @inlinable public var canPark: Bool { cg_can_park(pointer) }

    /// Where the running native may not park: the function in the way, as "'time' (a C function)"; nil where that cannot
    /// be told.
    public var barrier: String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            cg_barrier(pointer, start, 128)
            return start.pointee == 0 ? nil : String(cString: start)
        }
    }

    /// In `resumed` after `Native.protectedCall`: whether the call failed.
    @inlinable public var callFailed: Bool { cg_call_status(pointer) != CG_OK }

    /// What was given to `LuaState` as its owner.
    @inlinable public var owner: UnsafeMutableRawPointer? { cg_host(pointer) }
}

// Safety: what it points at is allocated once, never written again and never freed: any thread may read it.
extension Native: @unchecked Sendable {}
