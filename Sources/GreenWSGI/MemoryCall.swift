import Green
import HTTPWire
import LuaRuntime

/// What `wsgi.lua` makes `green.call_app` of: an exchange in memory, and the handler's outcome told to it.
enum MemoryCall {
    static let server: ClassDefinition = ClassDefinition(
        "memory server", members: [.method("open", open)], release: ClassDefinition.releaseReference)
    static let exchange: ClassDefinition = ClassDefinition(
        "memory exchange",
        members: [.method("answer", answer), .method("fail", fail), .method("response", response)],
        metamethods: [.method("__close", close)], release: ClassDefinition.releaseReference)

    /// `server:open(method, target, lines, body)`: the exchange, and the request object unless it is answered already.
    private static let open = Native("memory server:open") { state in
        let lua = LuaStack(state)
        guard let memory = lua.reference(at: 1, of: server, as: MemoryServer.self), let method = lua.bytes(at: 2),
            let target = lua.bytes(at: 3), lua.type(at: 4) == .table
        else { return lua.fail(argument: 1, expected: "memory server, two strings and a list") }
        do {
            let exchange = try MemoryExchange(memory.server(Scheduler.of(lua)))
            var request = MemoryRequest(method: method, target: target)
            for position in 1...max(1, lua.rawLength(of: 4)) {
                lua.pushRaw(index: position, of: 4)
                if let line = lua.bytes(at: -1) { request.add(line) }
                lua.pop()
            }
            try lua.push(reference: exchange, as: Self.exchange)
            return try exchange.take(request, body: lua.bytes(at: 5), on: lua) ? 2 : 1
        } catch let error as LuaError {
            return lua.fail(error.message)
        } catch {
            return Native.raise
        }
    }

    /// The connection of the exchange at index 1, as long as a response can be written.
    private static func connection(_ lua: LuaStack) -> HTTPConnection? {
        guard let exchange = lua.reference(at: 1, of: exchange, as: MemoryExchange.self),
            exchange.connection.phase == .handling
        else { return nil }
        return exchange.connection
    }

    /// `exchange:answer(...)`: the handler gave these. Answers nothing when the response is written with that, else a
    /// function to call with the values behind it, and to come back with what it gives.
    private static let answer = Native("memory exchange:answer") { state in
        let lua = LuaStack(state)
        guard let connection = connection(lua) else { return lua.fail(argument: 1, expected: "open memory exchange") }
        let results = lua.top - 1
        if !connection.hasResponded, let arguments = connection.continuation(lua, results: results) {
            return arguments + 1
        }
        connection.answer(lua, results: results)
        return 0
    }

    /// `exchange:fail(problem, trace)`: the handler, or its stream, has failed.
    private static let fail = Native("memory exchange:fail") { state in
        let lua = LuaStack(state)
        guard let connection = connection(lua) else { return lua.fail(argument: 1, expected: "open memory exchange") }
        lua.setTop(3)
        lua.pushCopy(of: 2)
        if !connection.hasResponded, connection.answer(thrownOn: lua) { return 0 }
        connection.answerFailure { lua.string(at: 3) ?? lua.description(of: 2) }
        return 0
    }

    /// `exchange:response()`: status, list of `{name, value}`, body.
    private static let response = Native("memory exchange:response") { state in
        let lua = LuaStack(state)
        guard let exchange = lua.reference(at: 1, of: exchange, as: MemoryExchange.self) else {
            return lua.fail(argument: 1, expected: "memory exchange")
        }
        guard let response = exchange.response() else {
            return lua.fail("the response was broken off: its body function failed (the error is in the log)")
        }
        do throws(LuaFailure) {
            lua.push(response.status)
            try lua.pushTable()
            let list = lua.top
            var count = 0
            try response.forEachField { (name, value) throws(LuaFailure) in
                count += 1
                try lua.pushTable(items: 2)
                try lua.push(bytes: name)
                try lua.rawSet(position: 1, in: -2)
                try lua.push(bytes: value)
                try lua.rawSet(position: 2, in: -2)
                try lua.rawSet(position: count, in: list)
            }
            try lua.push(copying: response.body)
            return 3
        } catch {
            return Native.raise
        }
    }

    /// The call is over, however it went.
    private static let close = Native("memory exchange:close") { state in
        LuaStack(state).reference(at: 1, of: exchange, as: MemoryExchange.self)?.connection.close()
        return 0
    }

    /// `past_deadline()`: whether a `green.timeout` around the running green's call is over.
    static let pastDeadline = Native("past_deadline") { state in
        let lua = LuaStack(state)
        lua.push(Scheduler.of(lua).isPastDeadline)
        return 1
    }
}
