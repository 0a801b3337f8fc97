import Green
import LuaRuntime

/// Puts GreenHttp into a state.
public enum GreenHttpModule {
    /// Makes `GreenHttp` a global and a field of the `green` module.
    /// - Parameter allowsFiles: whether scripts may name files: certificates, uploads, cookie jars, downloads.
    public static func install(in scheduler: Scheduler, allowsFiles: Bool) throws(LuaError) {
        let lua = scheduler.lua
        let room = HTTPRoom(allowsFiles: allowsFiles)
        scheduler.attachments.append(room)
        scheduler.addInfo("http") { [census = room.census] lua throws(LuaFailure) in try census.push(on: lua) }
        for definition in [
            ClientObject.definition, ResponseObject.definition, WebSocketObject.definition,
            WebSocketObject.pingDefinition,
        ] {
            try lua.register(definition)
        }
        let stack = lua.main
        let before = stack.top
        do {
            try install(on: stack, scheduler)
            stack.setTop(before)
        } catch let error as LuaError {
            throw error
        } catch {
            throw LuaError(taking: stack, status: 2)
        }
    }

    private static let natives: [(String, Native)] = [
        ("client", ClientObject.make), ("send", Send.native), ("fact", ResponseObject.fact),
        ("times", ResponseObject.times), ("fields", ResponseObject.fields), ("history", ResponseObject.history),
        ("close", ResponseObject.close), ("made", ResponseObject.made), ("read", ResponseBody.read),
        ("content", ResponseBody.content), ("cookie_lines", ClientObject.cookieLines),
        ("add_cookie", ClientObject.addCookie), ("clear_cookies", ClientObject.clearCookies),
        ("keep_cookies", ClientObject.keepCookies), ("form", Encoding.form), ("query", Encoding.query),
        ("decode", Encoding.decode), ("close_client", ClientObject.close), ("client_info", ClientObject.info),
        ("memory_request", MemoryTransport.request), ("memory_redirect", MemoryTransport.redirect),
        ("memory_response", MemoryTransport.response), ("http_date", MemoryTransport.date),
        ("time", MemoryTransport.now), ("fault", .fault),
        ("open_json", openJSON),
        ("socket_open", WebSocketObject.open), ("socket_send", WebSocketObject.send),
        ("socket_receive", WebSocketObject.receive), ("socket_ping", WebSocketObject.ping),
        ("socket_close", WebSocketObject.close), ("socket_fact", WebSocketObject.fact),
        ("socket_fields", WebSocketObject.fields),
    ]

    /// The module cjson.safe, also where scripts have no package library.
    private static let openJSON = Native("GreenHttp") { state in
        do throws(LuaFailure) {
            try LuaStack(state).pushModule(file: "cjson", opener: "luaopen_cjson_safe")
        } catch {
            return Native.raise
        }
        return 1
    }

    /// The client's chunks, in the order in which they need each other; the last one gives `GreenHttp` itself.
    private static let chunks = [
        "faults", "json", "headers", "body", "events", "response", "request", "cookies", "memory", "websocket", "http",
    ]

    /// `source(name)`: the text of a chunk.
    private static let source = Native("GreenHttp") { state in
        let lua = LuaStack(state)
        let text: [UInt8]
        switch lua.string(at: 1) {
        case "faults": text = PackageResources.faults_lua
        case "json": text = PackageResources.json_lua
        case "headers": text = PackageResources.headers_lua
        case "body": text = PackageResources.body_lua
        case "events": text = PackageResources.events_lua
        case "response": text = PackageResources.response_lua
        case "request": text = PackageResources.request_lua
        case "cookies": text = PackageResources.cookies_lua
        case "memory": text = PackageResources.memory_lua
        case "websocket": text = PackageResources.websocket_lua
        case "http": text = PackageResources.http_lua
        default: return lua.fail(argument: 1, expected: "name of a chunk")
        }
        do { try lua.push(copying: text) } catch { return Native.raise }
        return 1
    }

    private static func install(on stack: LuaStack, _ scheduler: Scheduler) throws {
        let lua = scheduler.lua
        scheduler.pushModule(on: stack)
        let module = stack.top
        try lua.load(PackageResources.first_use_lua, name: "=[GreenHttp/first_use.lua]")
        stack.pushCopy(of: module)
        try stack.pushTable(fields: natives.count)
        for (name, native) in natives {
            try stack.push(native)
            try stack.setField(name, of: -2)
        }
        try stack.push(source)
        try stack.pushTable(items: chunks.count)
        for (index, name) in chunks.enumerated() {
            try stack.push(name)
            try stack.rawSet(position: index + 1, in: -2)
        }
        try lua.call(on: stack, arguments: 4, results: 1)
        stack.pushCopy(of: -1)
        try stack.setField("GreenHttp", of: module)
        stack.pushGlobals()
        stack.insert(at: -2)
        try stack.setField("GreenHttp", of: -2)
    }
}

/// Encodings that scripts ask for.
enum Encoding {
    /// `form(list)`: a flat list of names and values as `application/x-www-form-urlencoded`.
    static let form = Native("GreenHttp.form") { state in
        let lua = LuaStack(state)
        guard let text = RequestReader.form(lua, at: 1) else { return lua.fail("not enough memory for params or data") }
        do { try lua.push(copying: text) } catch { return Native.raise }
        return 1
    }

    /// `query(text)`: as it may stand in a URL.
    static let query = Native("GreenHttp.query") { state in
        let lua = LuaStack(state)
        guard let bytes = lua.bytes(at: 1) else { return lua.fail(argument: 1, expected: "string") }
        do { try lua.push(copying: RequestURL.encodeQuery(bytes)) } catch { return Native.raise }
        return 1
    }

    /// `decode(text, charset)`: as UTF-8; unchanged where the charset is unknown.
    static let decode = Native("response:text") { state in
        let lua = LuaStack(state)
        guard let bytes = lua.bytes(at: 1), let charset = lua.string(at: 2) else {
            return lua.fail("text and charset expected")
        }
        guard let text = CharacterSet.decode(bytes, from: charset) else {
            lua.pushCopy(of: 1)
            return 1
        }
        let failure: LuaFailure? = text.withUnsafeBytes { raw in
            do throws(LuaFailure) {
                try lua.push(bytes: raw)
                return nil
            } catch {
                return error
            }
        }
        return failure == nil ? 1 : Native.raise
    }
}
