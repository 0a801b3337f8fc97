import Green
import Testing

@testable import GreenWSGI

/// What handlers give and raise, in which metamethods never end: the handler is stopped at its limits, and the others go
/// on meanwhile.
@Suite struct HostileAnswerTests {
    static let handlers = [
        "return setmetatable({}, {__index = loop})",
        "return 200, setmetatable({}, {__pairs = loop}), 'x'",
        "return 200, setmetatable({}, {__pairs = function() return function() return 'A', 'b' end end}), 'x'",
        "return {status = 200, headers = setmetatable({}, {__pairs = loop})}",
        "return green.spawn(function() return setmetatable({}, {__index = loop}) end)",
        "error(setmetatable({}, {__index = loop}))",
        "error(setmetatable({}, {__tostring = loop}))",
        "error(setmetatable({}, {__index = function(_, name) if name == 'message' then loop() end end}))",
        "error({status = 200, headers = setmetatable({}, {__pairs = loop})})",
        "error(setmetatable({}, {__index = function() error(setmetatable({}, {__tostring = loop})) end}))",
        "error(setmetatable({}, {__tostring = function() while true do pcall(loop) end end}))",
    ]

    private func server(_ handler: String, _ limits: CallLimits?) throws -> TestServer {
        var options = ServerOptions()
        options.handlerLimits = limits
        let app = """
            local green = require "green"
            local function loop() while true do end end
            local function hostile() \(handler) end
            return {["/hostile"] = hostile, ["/changed"] = GreenWSGI(hostile, nil, function() end),
                    ["/called"] = function() return (green.call_app(hostile, "GET", "/")) end,
                    ["/"] = function() return "hello" end}
            """
        return try TestServer(app, options: options, grace: .milliseconds(100))
    }

    @Test(arguments: handlers)
    func neighboursAreAnsweredMeanwhile(_ handler: String) throws {
        let server = try server(handler, nil)
        let client = try server.client()
        for path in ["hostile", "changed", "called"] {
            client.send("GET /\(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        for _ in 1...5 { #expect(try server.get("/").body == "hello") }
    }

    @Test(arguments: handlers, [CallLimits(processorTime: .milliseconds(50)), CallLimits(deadline: .milliseconds(50))])
    func theHandlerIsStopped(_ handler: String, _ limits: CallLimits) throws {
        let server = try server(handler, limits)
        for path in ["/hostile", "/changed", "/called"] { #expect(try server.get(path).status == 500) }
        #expect(try server.get("/").body == "hello")
    }
}
