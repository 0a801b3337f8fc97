/// Integers are Lua integers; a float with an integral value is taken, too, and a value out of range is refused.
extension LuaConvertible where Self: FixedWidthInteger {
    /// Pushes an integer.
    /// - Throws: when the value needs more than Lua's 64 signed bits.
    @inlinable
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {
        guard let value = Int(exactly: self) else {
            throw lua.failure("\(self) does not fit a Lua integer (expected \(Int.min)...\(Int.max))")
        }
        lua.push(value)
    }

    /// Reads an integer.
    @inlinable
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> Self {
        guard let value = lua.integer(at: index), let fitting = Self(exactly: value) else {
            throw integerMismatch(lua, at: index)
        }
        return fitting
    }

    @usableFromInline
    static func integerMismatch(_ lua: LuaStack, at index: Int32) -> LuaMismatch {
        guard lua.type(at: index) == .number else { return LuaMismatch(expected: "integer", lua, at: index) }
        let isWide = Self.min <= Int.min && Self.max >= Int.max
        let expected = isWide || lua.integer(at: index) == nil ? "integer" : "integer in \(Self.min)...\(Self.max)"
        return LuaMismatch(expected: expected, got: lua.description(of: index))
    }
}

extension Int: LuaConvertible {}
extension Int8: LuaConvertible {}
extension Int16: LuaConvertible {}
extension Int32: LuaConvertible {}
extension Int64: LuaConvertible {}
extension UInt: LuaConvertible {}
extension UInt8: LuaConvertible {}
extension UInt16: LuaConvertible {}
extension UInt32: LuaConvertible {}
extension UInt64: LuaConvertible {}

/// A Lua float; integers are read, too, rounded where they have more than 53 bits.
extension Double: LuaConvertible {
    /// Pushes a float.
    @inlinable
    public func pushLua(on lua: LuaStack) throws(LuaFailure) { lua.push(self) }

    /// Reads a number.
    @inlinable
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> Double {
        guard let value = lua.number(at: index) else { throw LuaMismatch(expected: "number", lua, at: index) }
        return value
    }
}

/// A Lua float; reading rounds to the nearest `Float`.
extension Float: LuaConvertible {
    /// Pushes a float.
    @inlinable
    public func pushLua(on lua: LuaStack) throws(LuaFailure) { lua.push(Double(self)) }

    /// Reads a number.
    @inlinable
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> Float {
        Float(try Double.fromLua(lua, at: index))
    }
}

/// A Lua boolean; nothing else counts as true or false.
extension Bool: LuaConvertible {
    /// Pushes a boolean.
    @inlinable
    public func pushLua(on lua: LuaStack) throws(LuaFailure) { lua.push(self) }

    /// Reads a boolean.
    @inlinable
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> Bool {
        guard lua.type(at: index) == .boolean else { throw LuaMismatch(expected: "boolean", lua, at: index) }
        return lua.boolean(at: index)
    }
}
