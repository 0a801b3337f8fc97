import Green
import HTTPWire
import LuaRuntime

/// What the Lua part of the room needs of the server.
enum WSGINatives {
    /// `page(request, status, message, details)`: the content type and the text of an error page in the form the
    /// client prefers. The details are shown in development mode only.
    static let page = Native("GreenWSGI.page") { state in
        let lua = LuaStack(state)
        guard let request = RequestView(lua) else { return RequestObject.expected(lua) }
        guard let status = lua.integer(at: 2) else { return lua.fail(argument: 2, expected: "whole number") }
        let isDevelopment = request.connection?.server.options.isDevelopment ?? false
        let form = ErrorPage.form(request.fields, request.bytes)
        let text = ErrorPage.text(
            status, message: lua.string(at: 3), details: isDevelopment ? lua.string(at: 4) : nil, as: form)
        do throws(LuaFailure) {
            try lua.push(form.contentType)
            try lua.push(text)
        } catch {
            return Native.raise
        }
        return 2
    }

    /// `refusal(request)`: status and message when the request's body was refused; else nothing.
    static let refusal = Native("GreenWSGI.refusal") { state in
        let lua = LuaStack(state)
        guard let error = RequestView(lua)?.connection?.body?.error else { return 0 }
        lua.push(error.status)
        do throws(LuaFailure) { try lua.push(error.message) } catch { return Native.raise }
        return 2
    }

    /// `log(request, text)`: says that its handler has failed, where the scheduler's messages go.
    static let log = Native("GreenWSGI.log") { state in
        let lua = LuaStack(state)
        let name = RequestView(lua)?.connection.map { "\($0.requestName): " } ?? ""
        Scheduler.of(lua).log("error in a handler: \(name)\(lua.string(at: 2) ?? "")")
        return 0
    }

    /// `account(error)`: the text of one that tells of a limit, or nil; and the calls that it has left by now, or nil.
    static let account = Native("GreenWSGI.account") { state in
        let lua = LuaStack(state)
        lua.setTop(1)
        let calls = lua.callsLeft(byErrorAt: 1)
        do throws(LuaFailure) {
            if let limit = Scheduler.of(lua).limit(ofErrorAt: 1, of: lua) {
                try lua.push(limit.message)
            } else {
                lua.pushNil()
            }
            if calls.isEmpty { lua.pushNil() } else { try lua.push("\nstack traceback:" + calls) }
        } catch {
            return Native.raise
        }
        return 2
    }
}
