import Green
import HTTPWire
import LuaRuntime

/// Taking a response's body: all of it, or what there is while it comes.
enum ResponseBody {
    /// `read(response, [most])`: the next bytes of the body, at most that many; parks while there are none. nil at the
    /// end; nil, kind and message when the body broke off.
    static let read = Native(
        "response:read", { state in step(LuaStack(state)) },
        resumed: { state in
            let lua = LuaStack(state)
            let scheduler = Scheduler.of(lua)
            let reason = scheduler.takeWakeReason()
            let response = ResponseObject.at(1, of: lua)?.response
            if let response { scheduler.takeUp(response) }
            if reason == .ready {
                response?.isNotWaitedFor()
                return step(lua)
            }
            response?.greenWasStopped()
            return scheduler.raise(reason, on: lua)
        })

    private static func step(_ lua: LuaStack) -> Int32 {
        guard let response = ResponseObject.at(1, of: lua)?.response else {
            return lua.fail(argument: 1, expected: "http response")
        }
        if !response.body.isEmpty {
            let count = min(response.body.count, max(1, lua.integer(at: 2) ?? 65_536))
            return take(count, of: response, lua)
        }
        guard let exchange = response.exchange else {
            if let failure = response.failure { return Send.answer(failure, lua) }
            lua.pushNil()
            return 1
        }
        let scheduler = Scheduler.of(lua)
        switch scheduler.permission(lua) {
        case .refused(let code):
            exchange.abort()
            return code
        case .granted(let worker):
            exchange.hold()
            return scheduler.leave(response, scheduler.park(worker, on: exchange, timeout: nil))
        }
    }

    static func take(_ count: Int, of response: ClientResponse, _ lua: LuaStack) -> Int32 {
        do throws(LuaFailure) {
            try lua.push(bytes: UnsafeRawBufferPointer(rebasing: response.body.readableBytes[..<count]))
        } catch {
            return Native.raise
        }
        response.body.consume(count)
        response.exchange?.bodyWasTaken()
        return 1
    }

    /// `content(response)`: takes all there is; nil, kind and message when the body broke off; false when more is to
    /// come.
    static let content = Native("response.content") { state in
        let lua = LuaStack(state)
        guard let response = ResponseObject.at(1, of: lua)?.response else {
            return lua.fail(argument: 1, expected: "http response")
        }
        if response.exchange != nil {
            lua.push(false)
            return 1
        }
        if let failure = response.failure { return Send.answer(failure, lua) }
        return take(response.body.count, of: response, lua)
    }
}

extension ClientResponse: Undertaking {
    /// Its exchange keeps the loop only while somebody waits for it.
    fileprivate func isNotWaitedFor() {
        if let exchange, !exchange.hasWaiters { exchange.letGo() }
    }

    func greenWasStopped() {
        isNotWaitedFor()
        abandon()
    }
}
