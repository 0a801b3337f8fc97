import Green
import Testing

@testable import GreenWSGI

/// Every form in which a handler may answer, seen by the client.
@Suite struct ResponseReaderTests {
    private func answer(_ handler: String, _ method: String = "GET") throws -> RawResponse {
        let server = try TestServer("return function(request) \(handler) end")
        let client = try server.client()
        client.send("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n")
        return try client.response(to: method)
    }

    /// The 500 of an answer that cannot be sent, and what the log says of it.
    private func refused(_ handler: String) throws -> String {
        let server = try TestServer("return function(request) \(handler) end")
        let response = try server.get("/")
        #expect(response.status == 500)
        #expect(!response.body.contains("expected"), "the client was told details")
        #expect(try server.get("/").status == 500, "the server went on")
        return server.log.first ?? ""
    }

    @Test(arguments: [
        "return setmetatable({}, { __index = loop })", "error(setmetatable({}, { __index = loop }))",
        "return 200, setmetatable({}, { __pairs = loop }), ''", "error(setmetatable({}, { __tostring = loop }))",
    ])
    func anAnswerWhoseMetamethodsNeverEndIsA500(_ handler: String) throws {
        var options = ServerOptions()
        options.handlerLimits = CallLimits(processorTime: .milliseconds(30))
        let server = try TestServer(
            "local function loop() while true do end end return function(request) \(handler) end", options: options)
        #expect(try server.get("/").status == 500)
    }

    @Test func aStringIsTheBodyOfA200() throws {
        let response = try answer("return 'hello'")
        #expect(response.status == 200)
        #expect(response.body == "hello")
        #expect(response["content-type"] == "text/plain; charset=utf-8")
        #expect(response["content-length"] == "5")
    }

    @Test func anEmptyStringIsAnEmptyBody() throws {
        let response = try answer("return ''")
        #expect(response.status == 200)
        #expect(response["content-length"] == "0")
    }

    @Test func aStatusMayStandAlone() throws {
        let response = try answer("return 404")
        #expect(response.status == 404)
        #expect(response.body == "")
    }

    @Test func statusAndBody() throws {
        let response = try answer("return 201, 'made'")
        #expect(response.status == 201)
        #expect(response.body == "made")
    }

    @Test func statusHeadersAndBody() throws {
        let response = try answer("return 201, {['X-A'] = 'b', ['Content-Type'] = 'text/html'}, '<p>'")
        #expect(response.status == 201)
        #expect(response["x-a"] == "b")
        #expect(response["content-type"] == "text/html")
        #expect(response.body == "<p>")
    }

    @Test func statusAndHeadersAlone() throws {
        let response = try answer("return 302, {Location = '/b'}")
        #expect(response.status == 302)
        #expect(response["location"] == "/b")
        #expect(response["content-length"] == "0")
    }

    @Test func statusAndAListOfPieces() throws {
        #expect(try answer("return 200, {'a', 'b'}").body == "ab")
        #expect(try answer("return 200, {'a', 'b'}, nil").body == "ab")
        #expect(try answer("return 200, nil, 'c'").body == "c")
    }

    @Test func aTableWithNames() throws {
        let response = try answer("return {status = 202, headers = {A = '1'}, body = 'x'}")
        #expect(response.status == 202)
        #expect(response["a"] == "1")
        #expect(response.body == "x")
        #expect(try answer("return {body = 'x'}").status == 200)
        #expect(try answer("return {}").status == 200)
        #expect(try answer("return {status = 204}").status == 204)
    }

    @Test func aListIsTheBody() throws {
        #expect(try answer("return {'a', 'b', 'c'}").body == "abc")
    }

    @Test func aNumberCanBeABody() throws {
        #expect(try answer("return 200, 42").body == "42")
        #expect(try answer("return {body = 1.5}").body == "1.5")
    }

    @Test func aFunctionIsAStreamedBody() throws {
        let response = try answer("local n = 0 return function() n = n + 1 if n < 4 then return 'p' .. n end end")
        #expect(response.chunks == ["p1", "p2", "p3"])
    }

    @Test func anIteratorInATableIsAStreamedBody() throws {
        let handler = "return 200, {A = 'b'}, coroutine.wrap(function() coroutine.yield('x') coroutine.yield('y') end)"
        let response = try answer(handler)
        #expect(response["a"] == "b")
        #expect(response.chunks == ["x", "y"])
        let callable =
            "local n = 0 return {body = setmetatable({}, {__call = function() n = n + 1 if n == 1 then return 'z' end end})}"
        #expect(try answer(callable).chunks == ["z"])
    }

    @Test func nilIs404() throws {
        #expect(try answer("return nil").status == 404)
        #expect(try answer("").status == 404)
    }

    @Test func aFutureIsWaitedFor() throws {
        let handler = "return require('green').spawn(function() wait(nil) return 201, 'later' end)"
        let response = try answer(handler)
        #expect(response.status == 201)
        #expect(response.body == "later")
    }

    @Test func falseIsNoAnswer() throws {
        #expect(try refused("return false").contains("it is a boolean, expected a string"))
    }

    @Test func wrongTypesAre500AndTheServerLives() throws {
        #expect(try refused("return 99").contains("status 99, expected a whole number from 200 to 599"))
        #expect(try refused("return 200.5, 'x'").contains("status 200.5"))
        #expect(try refused("return 100").contains("status 100"))
        #expect(try refused("return 200, true").contains("the body is a boolean"))
        #expect(try refused("return {status = 'x'}").contains("status x"))
        #expect(try refused("return {headers = 1}").contains("headers is a number"))
        #expect(try refused("return {body = true}").contains("the body is a boolean"))
        #expect(try refused("return {'a', {}}").contains("piece 2 of the body is a table"))
        #expect(try refused("return io.stdout").contains("it is a userdata"))
        #expect(try refused("return coroutine.create(print)").contains("it is a thread"))
    }

    @Test func aTableWhoseFieldsRaiseIs500() throws {
        #expect(try refused("return setmetatable({}, {__index = function() error('boo') end})").contains("boo"))
    }

    @Test func fieldsThatAMetatableMakesAreRead() throws {
        let response = try answer(
            """
            local fields = {status = 203, headers = {A = 'b'}, body = 'made'}
            return setmetatable({}, {__index = function(_, name) wait(nil) return fields[name] end})
            """)
        #expect(response.status == 203)
        #expect(response["a"] == "b")
        #expect(response.body == "made")
        #expect(try answer("return setmetatable({}, {__index = {body = 'inherited'}})").body == "inherited")
        #expect(try refused("return setmetatable({1}, {__index = function() end}), 2").contains("piece 1"))
        #expect(
            try refused("return setmetatable({x = 1}, {__index = function() end})")
                .contains("a table without status, headers and body"))
    }

    @Test func anErrorWhoseFieldsAreMadeIsAnAnswer() throws {
        let response = try answer(
            "error(setmetatable({}, {__index = function(_, name) return ({status = 418, body = 'pot'})[name] end}))")
        #expect(response.status == 418)
        #expect(response.body == "pot")
        let headers = "setmetatable({}, {__pairs = function() return next, {A = 'b'} end})"
        #expect(try answer("error({status = 404, headers = \(headers)})")["a"] == "b")
    }
}
