import Green
import LuaRuntime

/// The client as `http.lua` has it.
enum ClientObject {
    /// libcurl keeps some 35 kB for a client that has been used.
    static let definition: ClassDefinition = ClassDefinition(
        "http client", outside: 32_768, release: ClassDefinition.releaseReference)

    static func at(_ index: Int32, of lua: LuaStack) -> HTTPClient? {
        lua.reference(at: index, of: definition, as: HTTPClient.self)
    }

    /// `client(options, base_url, headers)`: options as scripts give them, headers a flat list of names and values.
    static let make = Native("GreenHttp") { state in
        let lua = LuaStack(state)
        if let problem = CurlLibrary.problem { return lua.fail("GreenHttp needs libcurl.so.4: \(problem)") }
        let room = HTTPRoom.of(lua)
        if !room.hasRoom(lua) {
            return lua.fail(
                "too many GreenHttp clients: \(room.census.clients) are open, and each takes two of the descriptors that "
                    + "this process may have (ulimit -n): use one for many requests, or close those that are done")
        }
        var reader = SettingsReader(lua, base: nil, allowsFiles: room.allowsFiles)
        let headers: [HeaderList.Field]
        do throws(SettingsReader.Fault) {
            if lua.type(at: 1) == .table { try reader.read(at: 1) }
            headers = try RequestReader.headers(lua, at: 3)
        } catch {
            return lua.fail("GreenHttp: \(error.message)")
        }
        var base: BaseURL?
        do throws(HTTPClientError) {
            if let text = lua.bytes(at: 2).map(RequestURL.encode) { base = try BaseURL(text) }
        } catch {
            return lua.fail("GreenHttp: option 'base_url': \(error.message)")
        }
        let client = HTTPClient(
            Scheduler.of(lua).loop, reader.settings, limits: reader.limits, base: base, headers: headers,
            census: room.census)
        do { try lua.push(reference: client, as: definition) } catch { return Native.raise }
        return 1
    }

    // MARK: Cookies

    /// `cookie_lines(client)`: a list of lines of a Netscape cookie file.
    static let cookieLines = Native("GreenHttp.cookies") { state in
        let lua = LuaStack(state)
        guard let client = at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
        do throws(LuaFailure) {
            let lines = client.cookies.lines
            try lua.pushTable(items: lines.count)
            for (index, line) in lines.enumerated() {
                try lua.push(copying: line)
                try lua.rawSet(position: index + 1, in: -2)
            }
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `add_cookie(client, line)`
    static let addCookie = Native("GreenHttp.cookies:set") { state in
        let lua = LuaStack(state)
        guard let client = at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
        guard let line = lua.bytes(at: 2) else { return lua.fail(argument: 2, expected: "string") }
        client.cookies.add(Array(line))
        return 0
    }

    /// `clear_cookies(client, only_session)`
    static let clearCookies = Native("GreenHttp.cookies:clear") { state in
        let lua = LuaStack(state)
        guard let client = at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
        if lua.boolean(at: 2) { client.cookies.clearSession() } else { client.cookies.clear() }
        return 0
    }

    /// `keep_cookies(client, path, load)`: saves them to a file, or loads them; true, or nil and what is wrong.
    static let keepCookies = Native("GreenHttp.cookies:save") { state in
        let lua = LuaStack(state)
        guard let client = at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
        guard let path = lua.string(at: 2) else { return lua.fail(argument: 2, expected: "string") }
        guard HTTPRoom.of(lua).allowsFiles else { return lua.fail("this host lets no script name files") }
        if lua.boolean(at: 3) {
            do throws(SmallFile.Fault) { try client.cookies.load(path) } catch {
                return HTTPRoom.answerFault(lua, path, error.message)
            }
        } else if !client.cookies.save(path) {
            return HTTPRoom.answerFault(lua, path, SmallFile.lastError)
        }
        lua.push(true)
        return 1
    }
}

/// The rest of what `http.lua` asks of a client.
extension ClientObject {
    /// `close_client(client)`
    static let close = Native("GreenHttp:close") { state in
        let lua = LuaStack(state)
        guard let client = at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
        client.close()
        return 0
    }

    /// `client_info(client)`
    static let info = Native("GreenHttp:info") { state in
        let lua = LuaStack(state)
        guard let client = at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
        do throws(LuaFailure) {
            try lua.pushTable(fields: 3)
            for (name, value) in [
                ("in_flight", client.inFlight), ("waiting", client.waiting), ("completed", client.completed),
            ] {
                lua.push(value)
                try lua.setField(name, of: -2)
            }
        } catch {
            return Native.raise
        }
        return 1
    }
}
