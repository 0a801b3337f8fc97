/// A Lua list: a table read from 1 to its first nil, without metamethods.
extension Array: LuaConvertible where Element: LuaConvertible {
    /// Pushes a new table.
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {
        guard lua.reserve(LuaStack.conversionRoom) else { throw lua.outOfRoom() }
        try lua.pushTable(items: count)
        for (offset, element) in enumerated() {
            try element.pushLua(on: lua)
            try lua.rawSet(position: offset + 1, in: -2)
        }
    }

    /// Reads a table's list; of at most 64 MiB in all where the host has a memory limit.
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> [Element] {
        guard lua.type(at: index) == .table else { throw LuaMismatch(expected: "table", lua, at: index) }
        guard lua.reserve(LuaStack.conversionRoom) else { throw .tooDeep }
        return try lua.converting { () throws(LuaMismatch) in try elements(lua, of: lua.absolute(index)) }
    }

    private static func elements(_ lua: LuaStack, of list: Int32) throws(LuaMismatch) -> [Element] {
        var elements: [Element] = []
        while true {
            // Not the table's length: a script can make that as large as it likes.
            lua.pushRaw(index: elements.count + 1, of: list)
            defer { lua.pop() }
            if lua.isNil(at: -1) { return elements }
            do {
                try lua.convert(elementOf: Element.self)
                elements.append(try Element.fromLua(lua, at: lua.top))
            } catch {
                throw error.inside("[\(elements.count + 1)]")
            }
        }
    }
}

/// A Lua table with string keys, without metamethods. A key of another type is refused.
extension Dictionary: LuaConvertible where Key == String, Value: LuaConvertible {
    /// Pushes a new table.
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {
        guard lua.reserve(LuaStack.conversionRoom) else { throw lua.outOfRoom() }
        try lua.pushTable(fields: count)
        for (key, value) in self {
            try lua.push(key)
            try value.pushLua(on: lua)
            try lua.rawSet(in: -3)
        }
    }

    /// Reads a table's fields; of at most 64 MiB in all where the host has a memory limit.
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> [String: Value] {
        guard lua.type(at: index) == .table else { throw LuaMismatch(expected: "table", lua, at: index) }
        guard lua.reserve(LuaStack.conversionRoom) else { throw .tooDeep }
        return try lua.converting { () throws(LuaMismatch) in try fields(lua, of: lua.absolute(index)) }
    }

    private static func fields(_ lua: LuaStack, of table: Int32) throws(LuaMismatch) -> [String: Value] {
        let before = lua.top
        defer { lua.setTop(before) }
        var fields: [String: Value] = [:]
        lua.pushNil()
        while try lua.nextField(of: table) {
            let key = try lua.fieldKey()
            do {
                try lua.convert(elementOf: (String, Value).self)
                fields[key] = try Value.fromLua(lua, at: lua.top)
            } catch {
                throw error.inside(".\(key)")
            }
            lua.pop()
        }
        return fields
    }
}

extension LuaMismatch {
    /// A table in a table in a table … beyond what a Lua stack holds.
    static let tooDeep = LuaMismatch(expected: "tables less deep", got: "more levels than a Lua stack holds")
}

extension LuaStack {
    /// Slots that one level of a collection needs, its protected operations included.
    static let conversionRoom: Int32 = 8

    /// The index from the bottom, which stays right while values are pushed.
    func absolute(_ index: Int32) -> Int32 { index > 0 ? index : top + index + 1 }

    /// No slot can be had for what is to be pushed: the error value, which takes one of Lua's spare slots.
    func outOfRoom() -> LuaFailure {
        pushNil()
        return LuaFailure.memory
    }

    /// Replaces the key on top by the next pair of a table; false at the end.
    func nextField(of table: Int32) throws(LuaMismatch) -> Bool {
        do {
            return try next(of: table)
        } catch {
            throw LuaMismatch(expected: "table", got: "one that there is no memory to read")
        }
    }

    /// The key of the pair on top.
    func fieldKey() throws(LuaMismatch) -> String {
        do {
            return try String.fromLua(self, at: top - 1)
        } catch {
            throw LuaMismatch(expected: "table with string keys", got: "a \(error.got) as key")
        }
    }
}
