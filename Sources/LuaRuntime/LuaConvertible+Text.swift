/// A Lua string of UTF-8 text. Lua's strings are bytes: what is no UTF-8 is refused, and is for ``LuaBytes``.
extension String: LuaConvertible {
    /// Pushes the text's UTF-8 bytes.
    public func pushLua(on lua: LuaStack) throws(LuaFailure) { try lua.push(self) }

    /// Reads a string.
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> String {
        guard let bytes = lua.bytes(at: index) else { throw LuaMismatch(expected: "string", lua, at: index) }
        try lua.convert(bytes: bytes.count)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw LuaMismatch(expected: "string of UTF-8 text", got: "\(bytes.count) bytes that are none")
        }
        return text
    }
}
