import Green
import LuaRuntime
import WebSocketWire

/// What parks: messages, pongs, the closing handshake.
extension WebSocketObject {
    /// Parks the green that runs, with the timeout at an index; the host has something to wait for meanwhile.
    static func park(
        _ connection: WebSocketConnection, on list: WaitList, timeoutAt index: Int32, _ lua: LuaStack
    ) -> Int32 {
        let scheduler = Scheduler.of(lua)
        let code = scheduler.wait(lua, on: list, timeoutAt: index)
        if code == Native.park { connection.hold() }
        return scheduler.leave(connection, code)
    }

    /// For `resumed`: why the green was woken.
    static func wakeReason(_ connection: WebSocketConnection, _ lua: LuaStack) -> WakeReason {
        let scheduler = Scheduler.of(lua)
        scheduler.takeUp(connection)
        connection.unhold()
        return scheduler.takeWakeReason()
    }

    // MARK: Sending

    /// `socket_send(socket, data, is_binary)`: parks while the server is slow. true; or nil, kind and message.
    static let send = Native(
        "websocket:send",
        { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua) else { return expected(lua) }
            guard let bytes = lua.bytes(at: 2) else { return lua.fail(argument: 2, expected: "string") }
            if connection.isFull, case .refused(let code) = Scheduler.of(lua).permission(lua) { return code }
            do throws(HTTPClientError) {
                try connection.send(lua.boolean(at: 3) ? .binary : .text, bytes)
            } catch {
                return answer(error, lua)
            }
            // The message is in line, and is sent whatever becomes of the wait.
            if connection.isFull { return park(connection, on: connection.senders, timeoutAt: 4, lua) }
            lua.push(true)
            return 1
        },
        resumed: { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua) else { return expected(lua) }
            let reason = wakeReason(connection, lua)
            if reason != .ready { return Scheduler.of(lua).raise(reason, on: lua) }
            if connection.ending != nil { return answer(connection.notOpen, lua) }
            lua.push(true)
            return 1
        })

    // MARK: Receiving

    /// `socket_receive(socket, [timeout])`: parks until there is a message. It and its kind; nil, "timeout"; or how it
    /// ended.
    static let receive = Native(
        "websocket:receive",
        { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua) else { return expected(lua) }
            if connection.hasMessage { return give(connection, lua) }
            if let ending = connection.ending { return answer(ending, lua) }
            return park(connection, on: connection.receivers, timeoutAt: 2, lua)
        },
        resumed: { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua) else { return expected(lua) }
            switch wakeReason(connection, lua) {
            case .ready:
                if connection.promised > 0 {
                    connection.promised -= 1
                    return give(connection, lua)
                }
                guard let ending = connection.ending else { fatalError("bug: woken for no message") }
                return answer(ending, lua)
            case .timeout: return Scheduler.answerTimeout(lua)
            case let reason: return Scheduler.of(lua).raise(reason, on: lua)
            }
        })

    private static func give(_ connection: WebSocketConnection, _ lua: LuaStack) -> Int32 {
        guard let message = connection.inbox.first else { fatalError("bug: no message") }
        do throws(LuaFailure) {
            try lua.push(copying: message.bytes)
            try lua.push(message.kind == .text ? "text" : "binary")
        } catch {
            // It stays: for this green's next try, or for another that waits.
            connection.promiseMessage()
            return Native.raise
        }
        connection.inbox.takeFirst()
        connection.messageWasTaken()
        return 2
    }

    // MARK: Pings

    /// `socket_ping(socket, [data, [timeout]])`: parks until its pong comes. The seconds that took; nil, "timeout"; or how
    /// it ended.
    static let ping = Native(
        "websocket:ping",
        { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua) else { return expected(lua) }
            if let ending = connection.ending { return answer(ending, lua) }
            if case .refused(let code) = Scheduler.of(lua).permission(lua) { return code }
            let ping: PendingPing
            do throws(HTTPClientError) {
                ping = try connection.ping(lua.bytes(at: 2).map(Array.init))
            } catch {
                let code = answer(error, lua)
                guard code == 3 else { return code }
                lua.push(false)
                lua.replace(at: -4)
                return 3
            }
            lua.setTop(3)
            do throws(LuaFailure) { try lua.push(reference: ping, as: pingDefinition) } catch {
                connection.forget(ping)
                return Native.raise
            }
            lua.replace(at: 2)
            return park(connection, on: ping, timeoutAt: 3, lua)
        },
        resumed: { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua),
                let ping = lua.reference(at: 2, of: pingDefinition, as: PendingPing.self)
            else { return expected(lua) }
            switch wakeReason(connection, lua) {
            case .ready:
                if let time = ping.roundTrip {
                    lua.push(Double(time) / 1e9)
                    return 1
                }
                guard let ending = connection.ending else { fatalError("bug: woken for no pong") }
                return answer(ending, lua)
            case .timeout:
                connection.forget(ping)
                return Scheduler.answerTimeout(lua)
            case let reason:
                connection.forget(ping)
                return Scheduler.of(lua).raise(reason, on: lua)
            }
        })

    static let pingDefinition: ClassDefinition = ClassDefinition(
        "websocket ping", release: ClassDefinition.releaseReference)

    // MARK: Closing

    /// `socket_close(socket, code, reason, [at_once])`: begins the closing handshake and parks until the connection has
    /// ended. true, or nil and a reason when it did not end well; nil, kind and message for a code that cannot be sent.
    static let close = Native(
        "websocket:close",
        { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua), let code = lua.integer(at: 2), let reason = lua.string(at: 3) else {
                return expected(lua)
            }
            if connection.phase == .gone { return answerClosed(connection, lua) }
            let waits = !lua.boolean(at: 4)
            if waits, case .refused(let code) = Scheduler.of(lua).permission(lua) { return code }
            do throws(HTTPClientError) {
                try connection.close(CloseCode(rawValue: UInt16(clamping: code)), reason: reason)
            } catch {
                return answer(error, lua)
            }
            if !waits || connection.phase == .gone { return answerClosed(connection, lua) }
            return park(connection, on: connection.closers, timeoutAt: 5, lua)
        },
        resumed: { state in
            let lua = LuaStack(state)
            guard let connection = at(1, of: lua) else { return expected(lua) }
            let reason = wakeReason(connection, lua)
            if reason != .ready { return Scheduler.of(lua).raise(reason, on: lua) }
            return answerClosed(connection, lua)
        })

    private static func answerClosed(_ connection: WebSocketConnection, _ lua: LuaStack) -> Int32 {
        guard let ending = connection.ending, ending.code == .abnormal || ending.failure != nil else {
            lua.push(true)
            return 1
        }
        lua.pushNil()
        do { try lua.push(ending.reason) } catch { return Native.raise }
        return 2
    }
}

extension WebSocketConnection: Undertaking {
    /// One that waited for it is gone. Where that one was to have it, nobody else does.
    func greenWasStopped() {
        unhold()
        pings.removeAll { $0 !== keepAlive && !$0.hasWaiters }
        if !wasOpened { abort() }
    }
}
