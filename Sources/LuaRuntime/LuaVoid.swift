/// No value: the result of functions that give nothing, and of calls whose results nobody wants.
public struct LuaVoid: Hashable, Sendable, LuaConvertible {
    /// The only one.
    public init() {}

    /// Pushes nothing.
    @inlinable
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {}

    /// Takes whatever is there.
    @inlinable
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> LuaVoid { LuaVoid() }
}
