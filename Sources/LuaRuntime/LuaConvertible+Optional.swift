/// nil is Lua's nil, also the nil of an argument that was left out.
extension Optional: LuaConvertible where Wrapped: LuaConvertible {
    /// Pushes nil, or the value.
    @inlinable
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {
        switch self {
        case .none: lua.pushNil()
        case .some(let value): try value.pushLua(on: lua)
        }
    }

    /// Reads nil, or the value.
    @inlinable
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> Wrapped? {
        lua.isNil(at: index) ? nil : try Wrapped.fromLua(lua, at: index)
    }
}
