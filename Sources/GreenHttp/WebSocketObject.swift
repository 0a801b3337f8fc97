import Green
import LuaRuntime
import WebSocketWire

/// A WebSocket as `websocket.lua` has it. One that is collected closes its connection.
enum WebSocketObject {
    static let definition: ClassDefinition = ClassDefinition(
        "websocket",
        release: { _, payload in
            let slot = payload.assumingMemoryBound(to: Optional<Unmanaged<AnyObject>>.self)
            if let held = slot.pointee {
                // Safety: objects of this class are made of a WebSocketConnection alone.
                unsafeDowncast(held.takeUnretainedValue(), to: WebSocketConnection.self).abort()
                held.release()
            }
            slot.pointee = nil
        })

    static func at(_ index: Int32, of lua: LuaStack) -> WebSocketConnection? {
        lua.reference(at: index, of: definition, as: WebSocketConnection.self)
    }

    static func expected(_ lua: LuaStack) -> Int32 { lua.fail(argument: 1, expected: "websocket") }

    // MARK: Opening

    /// `socket_open(client, url, headers, options, subprotocols, max_message, ping_interval, close_timeout, cookies)`: parks
    /// until it is open. The socket; or nil, the kind of error, its message and, for an answer that opens nothing, its status.
    static let open = Native(
        "GreenHttp:websocket",
        { state in
            let lua = LuaStack(state)
            guard let client = ClientObject.at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
            if client.isClosed { return lua.fail("this GreenHttp is closed") }
            if case .refused(let code) = Scheduler.of(lua).permission(lua) { return code }
            let connection: WebSocketConnection
            do throws(HTTPClientError) {
                connection = try made(by: client, lua)
            } catch {
                return answer(error, lua)
            }
            do throws(LuaFailure) { try lua.push(reference: connection, as: definition) } catch { return Native.raise }
            lua.replace(at: 1)
            lua.setTop(1)
            connection.start()
            return proceed(connection, lua)
        },
        resumed: { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua) else { return expected(lua) }
            let reason = wakeReason(connection, lua)
            if reason != .ready {
                connection.abort()
                return Scheduler.of(lua).raise(reason, on: lua)
            }
            return proceed(connection, lua)
        })

    private static func proceed(_ connection: WebSocketConnection, _ lua: LuaStack) -> Int32 {
        if let failure = connection.openFailure { return answer(failure, lua) }
        if connection.wasOpened { return 1 }
        let code = park(connection, on: connection.openers, timeoutAt: 2, lua)
        if code != Native.park { connection.abort() }
        return code
    }

    private static func made(by client: HTTPClient, _ lua: LuaStack) throws(HTTPClientError) -> WebSocketConnection {
        guard let text = lua.string(at: 2) else {
            throw HTTPClientError(.invalid, "WebSocket URL: a string expected, got \(lua.typeName(at: 2))")
        }
        var request = WebSocketRequest(target: try WebSocketTarget(text, base: client.base?.url))
        do { request.headers = try RequestReader.headers(lua, at: 3) } catch {
            throw HTTPClientError(.invalid, error.message)
        }
        var settings = client.settings(for: request.target.connectURL)
        if lua.type(at: 4) == .table {
            var reader = SettingsReader(
                lua, base: settings, allowsFiles: HTTPRoom.of(lua).allowsFiles, others: Self.optionNames)
            do { try reader.read(at: 4) } catch { throw HTTPClientError(.invalid, error.message) }
            settings = reader.settings
        }
        var length = 0
        for position in 0..<(lua.type(at: 5) == .table ? lua.rawLength(of: 5) : 0) {
            lua.pushRaw(index: position + 1, of: 5)
            length += lua.bytes(at: -1)?.count ?? 0
            if length > RequestReader.mostHeaders {
                throw HTTPClientError(.invalid, "subprotocols: they are larger than 256 KiB")
            }
            request.subprotocols.append(lua.string(at: -1) ?? "")
            lua.pop()
        }
        if let most = lua.integer(at: 6) { request.options.maxMessage = most }
        if let seconds = lua.number(at: 7) { request.options.pingInterval = .ofScript(seconds) }
        if let seconds = lua.number(at: 8) { request.options.closeTimeout = .ofScript(seconds) }
        request.cookies = lua.string(at: 9)
        return WebSocketConnection(client, request, settings)
    }

    /// Options that `websocket.lua` reads itself.
    private static let optionNames: Set<String> = [
        "headers", "cookies", "subprotocols", "max_message", "ping_interval", "close_timeout",
    ]

    // MARK: Answers

    /// nil, kind, message, and the status where there is one.
    static func answer(_ error: HTTPClientError, _ lua: LuaStack) -> Int32 {
        let code = Send.answer(error, lua)
        guard code == 3, let status = error.status else { return code }
        lua.push(status)
        return 4
    }

    /// What is answered in place of a message, or a pong, once there is an end: nil, "closed", code and reason; or false,
    /// kind and message of what went wrong.
    static func answer(_ ending: WebSocketConnection.Ending, _ lua: LuaStack) -> Int32 {
        if let failure = ending.failure {
            let code = Send.answer(failure, lua)
            guard code == 3 else { return code }
            lua.push(false)
            lua.replace(at: -4)
            return 3
        }
        lua.pushNil()
        do throws(LuaFailure) {
            try lua.push("closed")
            lua.push(Int(ending.code.rawValue))
            try lua.push(ending.reason)
        } catch {
            return Native.raise
        }
        return 4
    }

    // MARK: Facts

    /// `socket_fact(socket, name)`: one of what the names below say.
    static let fact = Native("websocket.fact") { state in
        let lua = LuaStack(state)
        guard let connection = at(1, of: lua), let name = lua.string(at: 2) else { return expected(lua) }
        do throws(LuaFailure) {
            switch name {
            case "url": try lua.push(connection.url)
            case "subprotocol": if let chosen = connection.subprotocol { try lua.push(chosen) } else { lua.pushNil() }
            case "is_open": lua.push(connection.phase == .open)
            case "close_code":
                if let end = connection.ending { lua.push(Int(end.code.rawValue)) } else { lua.pushNil() }
            case "close_reason": if let end = connection.ending { try lua.push(end.reason) } else { lua.pushNil() }
            default: return lua.fail(argument: 2, "no such fact")
            }
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `socket_fields(socket)`: a flat list of the names and values of the header it was opened with.
    static let fields = Native("websocket.headers") { state in
        let lua = LuaStack(state)
        guard let connection = at(1, of: lua) else { return expected(lua) }
        do throws(LuaFailure) {
            try lua.pushFilled(connection.fields.count * 2)
            for (index, field) in connection.fields.enumerated() {
                try lua.push(copying: field.name)
                lua.putRaw(position: index * 2 + 1, in: -2)
                try lua.push(copying: field.value)
                lua.putRaw(position: index * 2 + 2, in: -2)
            }
        } catch {
            return Native.raise
        }
        return 1
    }
}
