import HTTPWire
import Testing

@testable import GreenWSGI

@Suite struct ErrorPageTests {
    @Test(arguments: [
        ("*/*", ErrorPage.Form.text), ("", .text), ("image/png", .text), ("text/html", .html), ("TEXT/HTML", .html),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8", .html),
        ("application/json, text/plain, */*", .json), ("application/json", .json), ("application/*", .json),
        ("text/html;q=0.2, application/json;q=0.5", .json), ("text/html;level=1;q=0.9, text/plain;q=0.8", .html),
        ("text/html;q=0", .text), ("application/json;q=0, text/html;q=0.1", .html), ("*/*, text/html", .html),
        ("text/html ; q=0.1 , text/plain ; q=0.2", .text), ("text/html;q=x, application/json;q=0.001", .json),
        (";;,,;q=1", .text),
    ])
    func theClientsPreferenceIsFollowed(_ accept: String, _ form: ErrorPage.Form) {
        #expect(withRaw(accept) { ErrorPage.form($0) } == form)
    }

    @Test func thePagesHaveTheirForms() {
        #expect(ErrorPage.text(404, as: .text) == "404 Not Found\n")
        #expect(ErrorPage.text(400, message: "bad", details: "x", as: .text) == "400 Bad Request\n\nbad\n\nx\n")
        #expect(ErrorPage.text(404, as: .json) == #"{"status":404,"message":"Not Found"}"# + "\n")
        #expect(
            ErrorPage.text(400, message: "a \"b\"\n", details: "t", as: .json)
                == #"{"status":400,"message":"a \"b\"\n","details":"t"}"# + "\n")
        let page = ErrorPage.text(500, message: "<script>'&\"", details: "<b>", as: .html)
        #expect(page.contains("<h1>500 Internal Server Error</h1>"))
        #expect(page.contains("<p>&lt;script&gt;&#39;&amp;&quot;</p>"))
        #expect(page.contains("<pre>&lt;b&gt;</pre>"))
    }

    @Test func theServersPagesAreNegotiated() throws {
        let server = try TestServer("return {['GET /a'] = function() end, ['GET /b'] = function() error('<boo>') end}")
        let json = "Accept: application/json\r\n"
        let missing = try server.get("/none", headers: json)
        #expect(missing.status == 404)
        #expect(missing["content-type"] == "application/json")
        #expect(missing.body == #"{"status":404,"message":"Not Found"}"# + "\n")
        #expect(try server.get("/none").body == "404 Not Found\n")
        #expect(try server.get("/none", headers: "accept: text/html\r\n").body.contains("<h1>404 Not Found</h1>"))
        #expect(try server.get("/b", headers: json).body == #"{"status":500,"message":"Internal Server Error"}"# + "\n")
        let wrong = try server.exchange("PUT /a HTTP/1.1\r\nHost: a\r\n\(json)\r\n")
        #expect(wrong.status == 405)
        #expect(wrong["content-type"] == "application/json")
        #expect(wrong["allow"] == "GET, HEAD, OPTIONS")
        let client = try server.client()
        client.send("GET /none HTTP/1.1\r\nHost: a\r\n\(json)\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response()["content-type"] == "application/json")
        #expect(try client.response()["content-type"] == "text/plain; charset=utf-8", "each request has its own")
    }

    @Test func tracebacksAreShownInDevelopmentOnly() throws {
        var options = ServerOptions()
        options.isDevelopment = true
        for app in ["function() error('<boo>') end", "GreenWSGI(function() error('<boo>') end, nil, function() end)"] {
            let developed = try TestServer("return " + app, options: options)
            #expect(try developed.get("/").body.contains("<boo>"))
            #expect(try developed.get("/").body.contains("stack traceback"))
            let html = try developed.get("/", headers: "Accept: text/html\r\n").body
            #expect(html.contains("&lt;boo&gt;"))
            #expect(!html.contains("<boo>"))
            let served = try TestServer("return " + app)
            #expect(try served.get("/").body == "500 Internal Server Error\n")
        }
    }

    @Test func anHTTP10ClientIsToldThatTheConnectionEnds() throws {
        let server = try TestServer("return function() end")
        let client = try server.client()
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        let response = try client.response()
        #expect(response.status == 404)
        #expect(response.closes)
        #expect(client.isClosed())
    }
}
