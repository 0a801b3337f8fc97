/// A Lua value of whatever type that can leave its state: for data whose form is not known beforehand.
public enum LuaValue: Hashable, Sendable, LuaConvertible {
    /// Nothing.
    case `nil`
    /// true or false.
    case boolean(Bool)
    /// A number of the integer subtype.
    case integer(Int)
    /// A number of the float subtype.
    case number(Double)
    /// A string.
    case string(LuaBytes)
    /// A table with a value at 1: its list, and nothing else of it.
    case list([LuaValue])
    /// Any other table, whose keys must be strings.
    case table([String: LuaValue])

    /// Pushes the value; tables are new ones.
    public func pushLua(on lua: LuaStack) throws(LuaFailure) {
        switch self {
        case .nil: lua.pushNil()
        case .boolean(let value): lua.push(value)
        case .integer(let value): lua.push(value)
        case .number(let value): lua.push(value)
        case .string(let value): try value.pushLua(on: lua)
        case .list(let values): try values.pushLua(on: lua)
        case .table(let fields): try fields.pushLua(on: lua)
        }
    }

    /// Reads a value of at most 64 levels and 64 MiB. Functions, coroutines and objects cannot leave their state.
    public static func fromLua(_ lua: LuaStack, at index: Int32) throws(LuaMismatch) -> LuaValue {
        var reader = LuaValueReader(lua)
        return try reader.read(at: index, level: 0)
    }
}

/// Reads data within bounds: a few shared tables can stand for more values than any memory holds.
private struct LuaValueReader {
    private let lua: LuaStack
    private var bytesLeft = 64 << 20

    init(_ lua: LuaStack) { self.lua = lua }

    mutating func read(at index: Int32, level: Int) throws(LuaMismatch) -> LuaValue {
        try spend(MemoryLayout<LuaValue>.stride + 32)
        switch lua.type(at: index) {
        case .none, .nil: return .nil
        case .boolean: return .boolean(lua.boolean(at: index))
        case .number:
            if lua.isInteger(at: index), let value = lua.integer(at: index) { return .integer(value) }
            return .number(try Double.fromLua(lua, at: index))
        case .string:
            try spend(lua.bytes(at: index)?.count ?? 0)
            return .string(try LuaBytes.fromLua(lua, at: index))
        case .table: return try table(at: lua.absolute(index), level: level + 1)
        default: throw LuaMismatch(expected: "data (nil, boolean, number, string or table)", lua, at: index)
        }
    }

    private mutating func spend(_ bytes: Int) throws(LuaMismatch) {
        try lua.convert(bytes: bytes)
        bytesLeft -= bytes
        if bytesLeft < 0 { throw LuaMismatch(expected: "data of at most 64 MiB", got: "more") }
    }

    private mutating func table(at index: Int32, level: Int) throws(LuaMismatch) -> LuaValue {
        guard level <= 64, lua.reserve(LuaStack.conversionRoom) else {
            throw LuaMismatch(expected: "tables at most 64 deep", got: "more, or a table in itself")
        }
        let before = lua.top
        defer { lua.setTop(before) }
        var list: [LuaValue] = []
        while true {
            lua.pushRaw(index: list.count + 1, of: index)
            if lua.isNil(at: -1) { break }
            do {
                list.append(try read(at: lua.top, level: level))
            } catch {
                throw error.inside("[\(list.count + 1)]")
            }
            lua.pop()
        }
        if !list.isEmpty { return .list(list) }
        var fields: [String: LuaValue] = [:]
        while try lua.nextField(of: index) {
            let key = try lua.fieldKey()
            try spend(key.utf8.count)
            do {
                fields[key] = try read(at: lua.top, level: level)
            } catch {
                throw error.inside(".\(key)")
            }
            lua.pop()
        }
        return .table(fields)
    }
}
