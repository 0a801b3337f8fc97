/// A Swift type whose values cross to Lua and back: arguments and results of registered functions and of calls.
///
/// Integers, `Double`, `Float`, `Bool`, `String`, ``LuaBytes``, `Optional`, `Array`, `Dictionary` with `String` keys,
/// ``LuaValue`` and ``LuaVoid`` conform. Conversions are strict: a string is never taken for a number, nor a number for a
/// string. Values are copied. Both requirements run on the loop's thread.
public protocol LuaConvertible {
    /// Pushes this as one value (``LuaResults`` several, ``LuaVoid`` none).
    /// - Throws: with the error value on top: `LuaStack.failure(_:)`, or out of memory.
    func pushLua(on lua: LuaStack) throws(LuaFailure)

    /// Reads the value at an index, which may be beyond the top; the stack stays as it is.
    /// - Throws: saying what was expected, and what was there.
    static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> Self
}

/// A Lua value has not the type that Swift expected.
public struct LuaMismatch: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was expected: "integer".
    public let expected: String
    /// What was there: "string".
    public let got: String
    /// Where inside the value: `[3].name`; empty for the value itself.
    public let path: String

    /// A mismatch of the value itself, in words.
    public init(expected: String, got: String) {
        self.init(expected: expected, got: got, path: "")
    }

    /// A mismatch of the value at an index.
    public init(expected: String, _ lua: LuaStack, at index: Int32) {
        self.init(expected: expected, got: lua.type(at: index) == .none ? "no value" : lua.typeName(at: index))
    }

    private init(expected: String, got: String, path: String) {
        self.expected = expected
        self.got = got
        self.path = path
    }

    /// The same, seen from the value around it; `step` is `[3]` or `.name`.
    public func inside(_ step: String) -> LuaMismatch {
        LuaMismatch(expected: expected, got: got, path: step + path)
    }

    /// As Lua words it behind "bad argument": "integer expected, got string at [3]".
    public var argumentText: String { "\(expected) expected, got \(got)" + place }

    /// "expected integer, got string at [3]".
    public var description: String { "expected \(expected), got \(got)" + place }

    private var place: String { path.isEmpty ? "" : " at \(path)" }
}

extension LuaError {
    /// A `.conversion` error of a mismatch; `subject` is what was converted: "the result of handler.lua".
    public init(_ mismatch: LuaMismatch, of subject: String? = nil) {
        self.init(.conversion, subject.map { "\($0): \(mismatch)" } ?? mismatch.description)
    }
}

extension LuaStack {
    /// For conversions that cannot push a value: pushes `message` as the error value, and answers what to throw.
    public func failure(_ message: String) -> LuaFailure {
        do { try push(message) } catch { return error }
        return LuaFailure.value
    }
}
