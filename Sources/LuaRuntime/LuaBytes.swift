/// The bytes of a Lua string, whatever they mean. (`[UInt8]` is a Lua list of small integers.)
public struct LuaBytes: Hashable, Sendable, LuaConvertible {
    /// The bytes.
    public var bytes: [UInt8]

    /// These bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The text's UTF-8 bytes.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The bytes as text; what is no UTF-8 is repaired.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Pushes a string.
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {
        // A status comes out, and not an error: typed throws through this closure crashes the compiler (Swift 6.3.1).
        let failure = bytes.withUnsafeBytes { (bytes) -> LuaFailure? in
            do throws(LuaFailure) {
                try lua.push(bytes: bytes)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// Reads a string.
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> LuaBytes {
        guard let bytes = lua.bytes(at: index) else { throw LuaMismatch(expected: "string", lua, at: index) }
        try lua.convert(bytes: bytes.count)
        return LuaBytes(Array(bytes))
    }
}

extension LuaBytes: CustomStringConvertible {
    /// The text in quotes.
    public var description: String { text.debugDescription }
}
