import HTTPWire
import LuaRuntime

/// `request.headers`: reads any name without regard to case, and `pairs` gives all with names in lower case. Several
/// fields of one name are joined by ", " (RFC 9110 §5.3). Where no field has the name, `_` is tried as `-`.
enum RequestHeaders {
    static let definition: ClassDefinition = ClassDefinition(
        "request.headers", metamethods: [.method("__index", index), .method("__pairs", pairs)])

    /// Pushes the headers object of the request at index 1.
    static func push(_ lua: LuaStack) throws(LuaFailure) {
        _ = try lua.pushObject(of: definition, size: 0, userValues: 1)
        lua.pushCopy(of: 1)
        lua.setUserValue(1, of: -2)
    }

    private static func request(_ lua: LuaStack) -> RequestView? {
        guard lua.object(at: 1, of: definition) != nil else { return nil }
        lua.pushUserValue(1, of: 1)
        return RequestView(lua, at: lua.top)
    }

    private static let index = Native("request.headers.get") { state in
        let lua = LuaStack(state)
        guard let request = request(lua) else { return lua.fail(argument: 1, expected: "request.headers") }
        guard let name = lua.bytes(at: 2) else {
            lua.pushNil()
            return 1
        }
        do throws(LuaFailure) { try pushValue(name, of: request, lua) } catch { return Native.raise }
        return 1
    }

    /// Pushes the value of a name, or nil.
    static func pushValue(_ name: UnsafeRawBufferPointer, of request: RequestView, _ lua: LuaStack) throws(LuaFailure) {
        let values = values(name, of: request)
        if values.isEmpty, name.contains(UInt8(ascii: "_")) {
            let dashed = name.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
            let joined = dashed.withUnsafeBytes { join(Self.values($0, of: request), name) }
            return try pushJoined(joined, lua)
        }
        if values.count == 1, let value = values.first { return try lua.push(bytes: value) }
        try pushJoined(join(values, name), lua)
    }

    private static func pushJoined(_ joined: [UInt8]?, _ lua: LuaStack) throws(LuaFailure) {
        if let joined { try lua.push(copying: joined) } else { lua.pushNil() }
    }

    private static func values(_ name: UnsafeRawBufferPointer, of request: RequestView) -> [UnsafeRawBufferPointer] {
        var values: [UnsafeRawBufferPointer] = []
        let bytes = request.bytes
        for field in request.fields where ASCIICase.equal(field.name.slice(of: bytes), name) {
            values.append(field.value.slice(of: bytes))
        }
        return values
    }

    /// Cookies are joined by "; " (RFC 9113 §8.2.3), all else by ", ".
    private static func join(_ values: [UnsafeRawBufferPointer], _ name: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let first = values.first else { return nil }
        let separator: [UInt8] = Array((ASCIICase.equal(name, "cookie") ? "; " : ", ").utf8)
        return values.dropFirst().reduce(into: Array(first)) { joined, value in
            joined += separator
            joined += Array(value)
        }
    }

    private static let pairs = Native("request.headers.pairs") { state in
        let lua = LuaStack(state)
        guard let request = request(lua) else { return lua.fail(argument: 1, expected: "request.headers") }
        do throws(LuaFailure) {
            lua.pushGlobals()
            try lua.pushField("next", of: -1)
            try pushTable(of: request, lua)
            lua.pushNil()
        } catch {
            return Native.raise
        }
        return 3
    }

    private static func pushTable(of request: RequestView, _ lua: LuaStack) throws(LuaFailure) {
        let bytes = request.bytes
        try lua.pushTable(fields: request.fields.count)
        for field in request.fields {
            let name = field.name.slice(of: bytes)
            try lua.push(copying: name.map(ASCIICase.lowercased))
            try pushValue(name, of: request, lua)
            try lua.rawSet(in: -3)
        }
    }
}
