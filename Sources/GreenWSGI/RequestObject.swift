import Glibc
import Green
import GreenNet
import HTTPWire
import LuaRuntime

/// What handlers get: `request`. Every field is read when it is asked for, and nothing is copied before.
///
/// `method`, `path` (decoded), `target` (as sent), `query_string`, `query` (first value of each name), `headers`,
/// `params` (of the route), `host`, `version`, `scheme`, `remote_addr`, `remote_port`, `body` (parks until it is
/// there), `environ`; `request:header(name)`, `request:query_values(name)`, `request:read([n])`,
/// `request:readline()`.
enum RequestObject {
    enum Property: Int32 {
        case method = 1
        case path, target, queryString, query, headers, params, host, version, scheme, remoteAddress, remotePort
        case body, environ
    }

    static let definition: ClassDefinition = ClassDefinition(
        "request",
        members: [
            .property("method", Property.method.rawValue), .property("path", Property.path.rawValue),
            .property("target", Property.target.rawValue), .property("query_string", Property.queryString.rawValue),
            .property("query", Property.query.rawValue), .property("headers", Property.headers.rawValue),
            .property("params", Property.params.rawValue), .property("host", Property.host.rawValue),
            .property("version", Property.version.rawValue), .property("scheme", Property.scheme.rawValue),
            .property("remote_addr", Property.remoteAddress.rawValue),
            .property("remote_port", Property.remotePort.rawValue), .property("body", Property.body.rawValue),
            .property("environ", Property.environ.rawValue),
            .method("header", header), .method("query_values", queryValues), .method("read", RequestReading.read),
            .method("readline", RequestReading.readLine),
        ],
        get: Native("request.get", get, resumed: RequestReading.bodyResumed))

    private static let get: Native.Function = { state in
        let lua = LuaStack(state)
        guard let request = RequestView(lua),
            let property = lua.integer(at: 3).flatMap({ Property(rawValue: Int32($0)) })
        else { return expected(lua) }
        do throws(LuaFailure) {
            return try push(property, of: request, lua)
        } catch {
            return Native.raise
        }
    }

    static func expected(_ lua: LuaStack) -> Int32 { lua.fail(argument: 1, expected: "request") }

    private static func push(_ property: Property, of request: RequestView, _ lua: LuaStack) throws(LuaFailure) -> Int32
    {
        let head = request.head
        switch property {
        case .method: try lua.push(bytes: head.methodName.slice(of: request.bytes))
        case .target: try lua.push(bytes: head.target.slice(of: request.bytes))
        case .queryString: try lua.push(bytes: head.query.slice(of: request.bytes))
        case .host: try lua.push(bytes: head.authority.slice(of: request.bytes))
        case .version: try lua.push(head.minorVersion == 0 ? "1.0" : "1.1")
        case .scheme: try lua.push("http")
        case .path: return try pushPath(of: request, lua)
        case .remoteAddress:
            guard let host = request.connection?.remoteHost else { return nothing(lua) }
            try lua.push(host)
        case .remotePort:
            guard let port = request.connection?.peer.port else { return nothing(lua) }
            lua.push(Int(port))
        case .body: return RequestReading.body(lua, request)
        case .query: try cached("query", lua) { lua throws(LuaFailure) in try pushQuery(of: request, lua) }
        case .headers: try cached("headers", lua) { lua throws(LuaFailure) in try RequestHeaders.push(lua) }
        case .params: try cached("params", lua) { lua throws(LuaFailure) in try lua.pushTable() }
        case .environ:
            try cached("environ", lua) { lua throws(LuaFailure) in try RequestEnviron.push(request, lua) }
        }
        return 1
    }

    private static func nothing(_ lua: LuaStack) -> Int32 {
        lua.pushNil()
        return 1
    }

    /// The path percent-decoded, as it stands where its escapes are malformed.
    private static func pushPath(of request: RequestView, _ lua: LuaStack) throws(LuaFailure) -> Int32 {
        let raw = request.head.path.slice(of: request.bytes)
        guard raw.contains(UInt8(ascii: "%")) else {
            if raw.isEmpty { try lua.push("/") } else { try lua.push(bytes: raw) }
            return 1
        }
        var decoded: [UInt8] = []
        guard PercentCoding.decode(raw, into: &decoded) else {
            try lua.push(bytes: raw)
            return 1
        }
        try lua.push(copying: decoded)
        return 1
    }

    // MARK: What is made once

    /// Pushes a field of the request's own table, made by `make` the first time. The request is at index 1.
    static func cached(_ name: String, _ lua: LuaStack, _ make: (LuaStack) throws(LuaFailure) -> Void)
        throws(LuaFailure)
    {
        try pushCache(lua)
        let cache = lua.top
        try lua.pushField(name, of: cache)
        if lua.isNil(at: -1) {
            lua.pop()
            try make(lua)
            lua.pushCopy(of: -1)
            try lua.setField(name, of: cache)
        }
    }

    /// Pushes the request's own table.
    static func pushCache(_ lua: LuaStack) throws(LuaFailure) {
        lua.pushUserValue(1, of: 1)
        guard lua.type(at: -1) != .table else { return }
        lua.pop()
        try lua.pushTable(fields: 4)
        lua.pushCopy(of: -1)
        lua.setUserValue(1, of: 1)
    }

    private static func pushQuery(of request: RequestView, _ lua: LuaStack) throws(LuaFailure) {
        try lua.pushTable()
        let table = lua.top
        for field in QueryString(request.head.query.slice(of: request.bytes)) {
            try lua.push(copying: field.name)
            lua.pushCopy(of: -1)
            try lua.get(from: table)
            let isFirst = lua.isNil(at: -1)
            lua.pop()
            if isFirst {
                try lua.push(copying: field.value)
                try lua.rawSet(in: table)
            } else {
                lua.pop()
            }
        }
    }

    // MARK: Methods

    /// `request:header(name)`: the value, nil when there is none; several are joined by ", ".
    private static let header = Native("request:header") { state in
        let lua = LuaStack(state)
        guard let request = RequestView(lua) else { return expected(lua) }
        guard let name = lua.bytes(at: 2) else { return lua.fail(argument: 2, expected: "string") }
        do throws(LuaFailure) { try RequestHeaders.pushValue(name, of: request, lua) } catch { return Native.raise }
        return 1
    }

    /// `request:query_values(name)`: a list of all values of that name, in order.
    private static let queryValues = Native("request:query_values") { state in
        let lua = LuaStack(state)
        guard let request = RequestView(lua) else { return expected(lua) }
        guard let name = lua.bytes(at: 2) else { return lua.fail(argument: 2, expected: "string") }
        do throws(LuaFailure) {
            try lua.pushTable()
            let table = lua.top
            var position = 0
            for field in QueryString(request.head.query.slice(of: request.bytes)) where field.name.elementsEqual(name) {
                position += 1
                try lua.push(copying: field.value)
                try lua.rawSet(position: position, in: table)
            }
        } catch {
            return Native.raise
        }
        return 1
    }
}

extension LuaStack {
    /// Pushes a string of these bytes.
    func push(copying bytes: [UInt8]) throws(LuaFailure) {
        let status = bytes.withUnsafeBytes { bytes in Result { () throws(LuaFailure) in try push(bytes: bytes) } }
        try status.get()
    }
}
