import Green
import HTTPWire
import LuaRuntime

/// `send(…)`: makes a request, and parks the green until there is a response. `RequestReader` tells the arguments.
/// Answers the response, its status and, unless it is streamed, its body; or nil, the kind of error and its message.
///
/// A body that is a function runs here, in the requesting green: it may wait, and is asked for more only as fast as
/// the server takes it.
enum Send {
    /// Stack while it is under way: 1 the response, 2 the body function or nil, 3 whether it was called, 4 and up what
    /// it gave.
    static let native = Native("GreenHttp:request", begin, resumed: resumed)

    private static let begin: Native.Function = { state in
        let lua = LuaStack(state)
        guard let client = ClientObject.at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
        if client.isClosed { return lua.fail("this GreenHttp is closed") }
        if case .refused(let code) = Scheduler.of(lua).permission(lua) { return code }
        let request: (ClientRequest, ClientSettings)
        do throws(HTTPClientError) {
            request = try RequestReader(lua: lua, client: client).read()
        } catch {
            return answer(error, lua)
        }
        let exchange = Exchange(client, request.0, request.1)
        if request.0.upload.isStream { exchange.wants.insert(.upload) }
        if request.0.isStreamed { exchange.wants.insert(.head) }
        do throws(LuaFailure) {
            try lua.push(reference: ResponseObject(exchange), as: ResponseObject.definition)
        } catch {
            return Native.raise
        }
        if request.0.upload.isStream { lua.pushCopy(of: 6) } else { lua.pushNil() }
        lua.replace(at: 2)
        lua.replace(at: 1)
        lua.setTop(2)
        exchange.start()
        return Scheduler.of(lua).leave(exchange, proceed(exchange, lua))
    }

    private static let resumed: Native.Function = { state in
        let lua = LuaStack(state)
        guard let exchange = ResponseObject.at(1, of: lua)?.exchange else {
            fatalError("bug: a request lost its exchange")
        }
        let scheduler = Scheduler.of(lua)
        scheduler.takeUp(exchange)
        return scheduler.leave(exchange, goOn(exchange, lua))
    }

    private static func goOn(_ exchange: Exchange, _ lua: LuaStack) -> Int32 {
        let scheduler = Scheduler.of(lua)
        if lua.boolean(at: 3) {
            if lua.callFailed {
                exchange.abort()
                lua.setTop(4)
                return Native.raise
            }
            if lua.type(at: 4) == .string, lua.bytes(at: 4)?.isEmpty == true, !exchange.isDone {
                return giveWay(exchange, lua)
            }
            if let fault = give(exchange, lua) {
                exchange.abort()
                return answer(fault, lua)
            }
            return proceed(exchange, lua)
        }
        let reason = scheduler.takeWakeReason()
        // It gave way for as long as nothing, and did not wait for anything.
        if reason != .ready, reason != .timeout {
            exchange.abort()
            return scheduler.raise(reason, on: lua)
        }
        return proceed(exchange, lua)
    }

    /// Takes what the body function gave; what is wrong with that.
    private static func give(_ exchange: Exchange, _ lua: LuaStack) -> HTTPClientError? {
        guard case .stream(let stream) = exchange.request.upload else { return nil }
        let bytes = lua.type(at: 4) == .string ? lua.bytes(at: 4) : nil
        if bytes == nil, !lua.isNil(at: 4) {
            return HTTPClientError(
                .invalid,
                "\(exchange.subject): the body function gave a \(lua.typeName(at: 4)), expected a string, or nil at the "
                    + "end")
        }
        if let fault = stream.give(bytes) { return HTTPClientError(.upload, "\(exchange.subject): \(fault)") }
        exchange.uploadWasGiven()
        return nil
    }

    /// The body function gave an empty piece: others, and time limits, have their turn before it is asked again.
    private static func giveWay(_ exchange: Exchange, _ lua: LuaStack) -> Int32 {
        lua.setTop(2)
        let scheduler = Scheduler.of(lua)
        switch scheduler.permission(lua) {
        case .refused(let code):
            exchange.abort()
            return code
        case .granted(let worker): return scheduler.park(worker, on: exchange, timeout: 0)
        }
    }

    /// Answers, asks the body function for more, or parks.
    private static func proceed(_ exchange: Exchange, _ lua: LuaStack) -> Int32 {
        lua.setTop(2)
        if exchange.isDone || exchange.request.isStreamed && exchange.hasFinalHead {
            if let failure = exchange.failure, !exchange.hasFinalHead || !exchange.request.isStreamed {
                return answer(failure, lua)
            }
            ResponseObject.at(1, of: lua)?.settle()
            lua.setTop(1)
            lua.push(exchange.response.status)
            if !exchange.isDone || exchange.request.isStreamed { return 2 }
            // The body moves to Lua at once: what Swift holds for a script, Lua's collector does not see.
            let code = ResponseBody.take(exchange.response.body.count, of: exchange.response, lua)
            return code < 0 ? code : 3
        }
        if case .stream(let stream) = exchange.request.upload, !stream.hasEnded,
            stream.buffer.count < UploadStream.lowWater
        {
            lua.push(true)
            lua.pushCopy(of: 2)
            return Native.protectedCall(at: 4)
        }
        let scheduler = Scheduler.of(lua)
        switch scheduler.permission(lua) {
        case .refused(let code):
            exchange.abort()
            return code
        case .granted(let worker): return scheduler.park(worker, on: exchange, timeout: nil)
        }
    }

    /// nil, kind, message.
    static func answer(_ error: HTTPClientError, _ lua: LuaStack) -> Int32 {
        lua.pushNil()
        do throws(LuaFailure) {
            try lua.push(error.kind.rawValue)
            try lua.push(error.message)
        } catch {
            return Native.raise
        }
        return 3
    }
}

extension Exchange: Undertaking {
    func greenWasStopped() { abort() }
}
