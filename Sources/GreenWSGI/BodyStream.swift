import Green
import HTTPWire
import LuaRuntime

/// Runs a body function in the handler's green: each piece it gives is sent, and when the client is slow the green
/// is parked until there is room. The end is nil; the empty string is skipped.
enum BodyStream {
    private static let native = Native("response body", begin, resumed: resumed)

    /// Stack: 1 the function, 2 the numbers of its table and 3 of the connection, 4 its request's, 5 whether it was
    /// parked, 6 and up results.
    private static let begin: Native.Function = { state in
        let lua = LuaStack(state)
        return callAgain(lua)
    }

    private static func callAgain(_ lua: LuaStack) -> Int32 {
        lua.setTop(4)
        lua.push(false)
        lua.pushCopy(of: 1)
        return Native.call(at: 6)
    }

    private static let resumed: Native.Function = { state in
        let lua = LuaStack(state)
        let scheduler = Scheduler.of(lua)
        let reason = scheduler.takeWakeReason()
        if reason != .ready { return scheduler.raise(reason, on: lua) }
        if lua.boolean(at: 5) { return callAgain(lua) }
        if lua.isNil(at: 6) { return 0 }
        guard let piece = lua.bytes(at: 6) else {
            return lua.fail("a body function gave a \(lua.typeName(at: 6)), expected a string, or nil at the end")
        }
        guard let connection = connection(lua, scheduler), !connection.clientIsGone else {
            return scheduler.raise(.cancelled, on: lua)
        }
        if let promised = connection.bytesPromised {
            guard piece.count <= promised else {
                return lua.fail("the body is longer than the Content-Length that its handler gave")
            }
            connection.bytesPromised = promised - piece.count
        }
        connection.write(piece)
        guard let pending = connection.pending,
            pending.buffer.count > connection.server.options.writeHighWater
        else { return callAgain(lua) }
        lua.setTop(4)
        lua.push(true)
        switch scheduler.permission(lua) {
        case .refused(let code): return code
        case .granted(let worker): return scheduler.park(worker, on: pending, timeout: nil)
        }
    }

    private static func connection(_ lua: LuaStack, _ scheduler: Scheduler) -> HTTPConnection? {
        guard let number = lua.integer(at: 2), let slot = lua.integer(at: 3), let serial = lua.integer(at: 4),
            let table = scheduler.attachments[number] as? ConnectionTable
        else { return nil }
        return table.connection(slot, serving: UInt64(serial))
    }

    /// Puts the runner and its arguments on top of a stack; how many arguments, nil when memory is out.
    static func push(_ function: Int32, _ connection: HTTPConnection, on stack: LuaStack) -> Int32? {
        do { try stack.push(native) } catch {
            stack.pop()
            return nil
        }
        stack.pushCopy(of: function)
        stack.push(connection.server.tableNumber)
        stack.push(connection.slot)
        stack.push(Int(connection.serial))
        return 4
    }
}

extension HTTPConnection {
    /// Writes one piece of a streamed body.
    func write(_ piece: UnsafeRawBufferPointer) {
        if piece.isEmpty { return }
        logged?.bodyBytes += piece.count
        if isChunked {
            ResponseWriter.chunk(piece, into: &server.output)
        } else {
            server.output.append(piece)
        }
        flush()
    }

    /// The body function has ended.
    func finishStream() {
        if isChunked { ResponseWriter.lastChunk(into: &server.output) }
        recordExchange(status: logged?.status ?? 200, bodyBytes: logged?.bodyBytes ?? 0)
        responseIsWritten()
    }
}
