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
        for definition in [ClientObject.definition, ResponseObject.definition] { try lua.register(definition) }
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
        ("keep_cookies", ClientObject.keepCookies), ("form", Encoding.form),
        ("decode", Encoding.decode), ("close_client", ClientObject.close), ("client_info", ClientObject.info),
    ]

    private static func install(on stack: LuaStack, _ scheduler: Scheduler) throws {
        let lua = scheduler.lua
        scheduler.pushModule(on: stack)
        try stack.pushTable(fields: natives.count)
        for (name, native) in natives {
            try stack.push(native)
            try stack.setField(name, of: -2)
        }
        let module = stack.top - 1
        // Each chunk is given the `green` module, the natives, and what the chunks before it returned.
        try lua.load(PackageResources.response_lua, name: "=response.lua")
        stack.pushCopy(of: module)
        stack.pushCopy(of: module + 1)
        try lua.call(on: stack, arguments: 2, results: 1)
        try lua.load(PackageResources.http_lua, name: "=http.lua")
        stack.pushCopy(of: module)
        stack.pushCopy(of: module + 1)
        stack.pushCopy(of: module + 2)
        try lua.call(on: stack, arguments: 3, results: 1)
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
        let pairs = RequestReader.headers(lua, at: 1).map { ($0.name, $0.value ?? "") }
        do { try lua.push(FormEncoding.encode(pairs)) } catch { return Native.raise }
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
