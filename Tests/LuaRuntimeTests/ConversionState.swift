import LuaRuntime
import Testing

/// A state in which Swift values cross to Lua and back.
final class ConversionState {
    let lua: LuaState

    init() throws {
        lua = try LuaState()
        try lua.open([.base, .string, .table, .math, .debug, .coroutine])
        try lua.register(ErrorObject.definition)
        try RegisteredFunction.install(in: lua)
    }

    deinit { lua.close() }

    /// What a chunk returns first, read as T.
    func read<T: LuaConvertible>(_ source: String, as type: T.Type = T.self) throws -> T {
        let before = lua.main.top
        defer { lua.main.setTop(before) }
        try lua.load(Array(source.utf8), name: "=test")
        try lua.call(on: lua.main, arguments: 0, results: -1)
        let value = try T.fromLua(lua.main, at: before + 1)
        #expect(lua.main.top >= before)
        return value
    }

    /// Why what a chunk returns first is no T; "converted" when it is.
    func mismatch<T: LuaConvertible>(_ source: String, as type: T.Type) throws -> String {
        do {
            _ = try read(source, as: T.self)
            return "converted"
        } catch let mismatch as LuaMismatch {
            return mismatch.description
        }
    }

    /// The value after a journey to Lua and back; what it leaves on the stack is counted.
    func echo<T: LuaConvertible>(_ value: T) throws -> T {
        let before = lua.main.top
        try value.pushLua(on: lua.main)
        #expect(lua.main.top == before + 1)
        let back = try T.fromLua(lua.main, at: lua.main.top)
        #expect(lua.main.top == before + 1)
        lua.main.setTop(before)
        return back
    }

    func add(_ function: RegisteredFunction) throws {
        lua.main.pushGlobals()
        try function.push(on: lua.main)
        try lua.main.setField(function.name, of: -2)
        lua.main.pop()
    }
}
