import EventLoop
import Green
import HTTPWire
import LuaRuntime

/// Reading a request's body from a handler: each call parks until what it asks for has arrived.
enum RequestReading {
    /// What a call asks for.
    private enum Want {
        case all
        case some(Int)
        case line

        /// Whether these bytes are enough.
        func isMet(by bytes: [UInt8]) -> Bool {
            switch self {
            case .all: false
            case .some: !bytes.isEmpty
            case .line: bytes.last == UInt8(ascii: "\n")
            }
        }

        /// How many more bytes may be taken at once.
        var step: Int {
            switch self {
            case .all: .max
            case .some(let most): most
            case .line: 1
            }
        }
    }

    /// `request:read([n])`: with `n` the next 1 to `n` bytes, nil at the end; without, all that is left.
    static let read = Native(
        "request:read",
        { state in
            let lua = LuaStack(state)
            guard lua.isNil(at: 2) || (lua.integer(at: 2) ?? 0) > 0 else {
                return lua.fail(argument: 2, expected: "whole number from 1 up")
            }
            lua.setTop(2)
            return collect(lua, want(lua))
        },
        resumed: { state in resumed(LuaStack(state), want) })

    private static func want(_ lua: LuaStack) -> Want { lua.integer(at: 2).map { .some($0) } ?? .all }

    /// `request:readline()`: the next line without its end, nil at the end.
    static let readLine = Native(
        "request:readline", { state in collect(LuaStack(state), .line) },
        resumed: { state in resumed(LuaStack(state)) { _ in .line } })

    /// `request.body`: all of it, kept for the next time.
    static func body(_ lua: LuaStack, _ request: RequestView) -> Int32 {
        lua.pushUserValue(1, of: 1)
        if lua.type(at: -1) == .table {
            do throws(LuaFailure) { try lua.pushField("body", of: -1) } catch { return Native.raise }
            if !lua.isNil(at: -1) { return 1 }
        }
        lua.setTop(3)
        return keepBody(lua, collect(lua, .all))
    }

    /// For the getter of `request`, whose only property that parks is the body.
    static let bodyResumed: Native.Function = { state in
        let lua = LuaStack(state)
        return keepBody(lua, resumed(lua) { _ in .all })
    }

    private static func keepBody(_ lua: LuaStack, _ code: Int32) -> Int32 {
        guard code == 1 else { return code }
        do throws(LuaFailure) {
            try RequestObject.pushCache(lua)
            lua.pushCopy(of: -2)
            try lua.setField("body", of: -2)
            lua.pop()
        } catch {
            return Native.raise
        }
        return 1
    }

    private static func resumed(_ lua: LuaStack, _ want: (LuaStack) -> Want) -> Int32 {
        let scheduler = Scheduler.of(lua)
        let reason = scheduler.takeWakeReason()
        if reason != .ready { return scheduler.raise(reason, on: lua) }
        return collect(lua, want(lua))
    }

    private static func collect(_ lua: LuaStack, _ want: Want) -> Int32 {
        guard let request = RequestView(lua) else { return RequestObject.expected(lua) }
        guard request.head.framing != .none else { return give([], want, lua) }
        guard let connection = request.connection, connection.phase == .handling, let body = connection.body else {
            return lua.fail("the request is over: read its body before the handler returns")
        }
        connection.fill(body, want.step) { want.isMet(by: $0) }
        if let error = body.error { return lua.fail("the request's body cannot be read: \(error.message)") }
        if body.isFinished || want.isMet(by: body.collected) {
            var bytes = body.collected
            body.collected = []
            if case .some(let most) = want, bytes.count > most {
                // A readline that was interrupted had collected more.
                body.collected = Array(bytes[most...])
                bytes.removeSubrange(most...)
            }
            return give(bytes, want, lua)
        }
        let scheduler = Scheduler.of(lua)
        switch scheduler.permission(lua) {
        case .refused(let code): return code
        case .granted(let worker):
            connection.awaitBody(body)
            return scheduler.park(worker, on: body, timeout: nil)
        }
    }

    private static func give(_ bytes: [UInt8], _ want: Want, _ lua: LuaStack) -> Int32 {
        var bytes = bytes
        switch want {
        case .all: break
        case .some:
            if bytes.isEmpty {
                lua.pushNil()
                return 1
            }
        case .line:
            if bytes.isEmpty {
                lua.pushNil()
                return 1
            }
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        do throws(LuaFailure) { try lua.push(copying: bytes) } catch { return Native.raise }
        return 1
    }
}

extension HTTPConnection {
    /// Moves what has arrived of the body to those who collect it, until it is enough.
    func fill(_ body: RequestBody, _ step: Int, until isEnough: ([UInt8]) -> Bool) {
        if body.awaitsContinue {
            body.awaitsContinue = false
            // Sent only when somebody wants the body, and only if none of it has come (RFC 9110 §10.1.1).
            if input?.buffer.isEmpty ?? true, !hasResponded {
                ResponseWriter.continueInterim(into: &server.output)
                flush()
            }
        }
        guard let input else { return }
        while !body.isFinished, body.error == nil, !input.buffer.isEmpty, !isEnough(body.collected) {
            let before = input.buffer.count
            let moved = body.read(step, from: &input.buffer) { body.collected.append(contentsOf: $0) }
            if moved == 0, input.buffer.count == before { break }
        }
        if registration != nil, phase == .handling { listenAgain() }
    }

    /// The handler waits for more of the body: so does the clock of the client.
    func awaitBody(_ body: RequestBody) {
        if clientIsGone { return }
        listenAgain()
        expect(within: server.clientTimeout)
    }
}
