import Testing

@testable import GreenWSGI

@Suite struct ResponseWritingTests {
    private func answer(
        _ handler: String, _ request: String = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    ) throws -> (RawResponse, TestServer) {
        let server = try TestServer("return function(request) \(handler) end")
        let client = try server.client()
        client.send(request)
        return (try client.response(to: request.components(" ")[0]), server)
    }

    private func head(_ handler: String) throws -> RawResponse {
        try answer(handler, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").0
    }

    @Test func aHeaderWithALineBreakIs500() throws {
        for value in [#"'a\r\nB: c'"#, #"'a\nb'"#, #"'a\rb'"#, #"'a\0b'"#] {
            let (response, server) = try answer("return 200, {A = \(value)}, 'x'")
            #expect(response.status == 500)
            #expect(response["b"] == nil)
            #expect(server.log.first?.contains("header 'A' has a name or value that no header may have") == true)
        }
        #expect(try answer(#"return 200, {['A: b\r\nC'] = 'd'}, 'x'"#).0.status == 500)
        #expect(try answer(#"return 200, {['A'] = {'ok', 'x\ny'}}, 'x'"#).0.status == 500)
        #expect(try answer(#"return 200, {{'A', 'x\ny'}}, 'x'"#).0.status == 500)
        #expect(try answer("return 200, {[''] = 'x'}, 'x'").0.status == 500)
    }

    @Test func aStreamWithABadHeaderIs500() throws {
        let (response, _) = try answer(#"return 200, {A = 'x\ny'}, function() return 'never' end"#)
        #expect(response.status == 500)
        #expect(response.chunks == nil)
    }

    @Test func wrongHeaderTypesAre500() throws {
        let (response, server) = try answer("return 200, {A = true}, 'x'")
        #expect(response.status == 500)
        #expect(server.log.first?.contains("header 'A' is a boolean, expected a string or a list of them") == true)
        #expect(try answer("return 200, {'a'}, 'x'").0.status == 500)
        #expect(try answer("return 200, {[true] = 'a'}, 'x'").0.status == 500)
    }

    @Test func aListGivesOneFieldForEachValue() throws {
        let (response, _) = try answer("return 200, {['Set-Cookie'] = {'a=1', 'b=2'}, N = 5, F = 1.5}, 'x'")
        #expect(response["set-cookie"] == "a=1 | b=2")
        #expect(response["n"] == "5")
        #expect(response["f"] == "1.5")
    }

    @Test func aListOfPairsKeepsItsOrder() throws {
        let (response, _) = try answer("return 200, {{'B', '1'}, {'A', '2'}, {'B', 3}}, 'x'")
        #expect(response.fields.map(\.name).filter { $0 == "a" || $0 == "b" } == ["b", "a", "b"])
        #expect(response["b"] == "1 | 3")
    }

    @Test func whatFramesTheMessageIsTheServersToSay() throws {
        let headers =
            "{['Content-Length'] = '99', ['Transfer-Encoding'] = 'chunked', ['Keep-Alive'] = 'x', Connection = 'upgrade'}"
        let (response, _) = try answer("return 200, \(headers), 'four'")
        #expect(response["content-length"] == "4")
        #expect(response["transfer-encoding"] == nil)
        #expect(response["keep-alive"] == nil)
        #expect(response["connection"] == nil)
        #expect(response.body == "four")
    }

    @Test func aHandlerMayCloseTheConnection() throws {
        let server = try TestServer("return function() return 200, {Connection = 'close'}, 'x' end")
        let client = try server.client()
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().closes)
        #expect(client.isClosed())
    }

    @Test func headHasTheLengthButNotTheBody() throws {
        #expect(try head("return 'hello'")["content-length"] == "5")
        #expect(try head("return 200, {A = 'b'}, 'hello'")["content-length"] == "5")
        #expect(try head("return 200, {['Content-Length'] = 77}")["content-length"] == "77")
        let (response, _) = try answer(
            "return 'hello'", "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(response.status == 200)
    }

    @Test func nothingFollowsTheHeadOfAHeadResponse() throws {
        let server = try TestServer("return function() return string.rep('x', 50000) end")
        let client = try server.client()
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(client.rest().hasSuffix("\r\n\r\n"))
    }

    @Test func aStreamIsNotRunForHead() throws {
        let server = try TestServer("calls = 0 return function() return function() calls = calls + 1 end end")
        let client = try server.client()
        client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response(to: "HEAD")["transfer-encoding"] == "chunked")
        #expect(try client.response(to: "HEAD").status == 200)
        #expect(server.global("calls") == "0")
    }

    @Test func statusesWithoutABodyHaveNone() throws {
        for status in [204, 304] {
            for body in ["'x'", "function() return 'x' end", "string.rep('x', 40000)"] {
                let server = try TestServer("return function() return \(status), {A = 'b'}, \(body) end")
                let client = try server.client()
                client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let whole = client.rest()
                #expect(whole.hasPrefix("HTTP/1.1 \(status) "))
                #expect(whole.hasSuffix("\r\n\r\n"))
                #expect(whole.components("\r\n\r\n").count == 2)
                #expect(
                    !whole.contains("Content-Length") && !whole.contains("chunked") && !whole.contains("Content-Type"))
            }
        }
    }

    @Test func resetContentHasNoContent() throws {
        let (response, _) = try answer("return 205, 'x'")
        #expect(response["content-length"] == "0")
        let (streamed, _) = try answer("return 205, {}, function() return 'x' end")
        #expect(streamed["content-length"] == "0")
        #expect(streamed.body == "")
    }

    @Test func anHTTP10ClientGetsACloseOrTheKeepAliveItAskedFor() throws {
        let server = try TestServer("return function() return 'x' end")
        let plain = try server.client()
        plain.send("GET / HTTP/1.0\r\n\r\n")
        #expect(try plain.response().closes)
        #expect(plain.isClosed())
        let kept = try server.client()
        kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(try kept.response()["connection"] == "keep-alive")
        kept.send("GET / HTTP/1.0\r\n\r\n")
        #expect(try kept.response().status == 200)
    }

    @Test func anHTTP10StreamEndsWithTheConnection() throws {
        let server = try TestServer(
            "return function() local n = 0 return function() n = n + 1 if n < 3 then return 'p' .. n end end end")
        let client = try server.client()
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let whole = client.rest()
        #expect(whole.hasSuffix("\r\n\r\np1p2"))
        #expect(!whole.contains("Transfer-Encoding"))
        #expect(whole.contains("Connection: close"))
    }

    @Test func aLargeBodyComesWhole() throws {
        let (response, _) = try answer("return 200, {A = 'b'}, string.rep('0123456789', 300000)")
        #expect(response.body.utf8.count == 3_000_000)
        #expect(response.body.hasSuffix("789"))
    }

    @Test func theDateIsThereOnce() throws {
        let (response, _) = try answer("return 'x'")
        #expect(response["date"]?.hasSuffix(" GMT") == true)
        #expect(
            try answer("return 200, {Date = 'Thu, 01 Jan 1970 00:00:00 GMT'}, 'x'").0["date"]
                == "Thu, 01 Jan 1970 00:00:00 GMT")
    }
}
