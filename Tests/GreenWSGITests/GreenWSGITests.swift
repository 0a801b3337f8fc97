import Green
import Testing

@testable import GreenWSGI

/// Facts of `Tests/Scripts/wsgi`: each is one request, whose handler runs the fact in a green outside of any pool.
@Suite struct GreenWSGITests {
    private static let script = WSGIFacts("contract")

    @Test(arguments: script.names.indices) func contract(_ index: Int) throws {
        let server = try TestServer(Self.script.app(checking: index))
        let response = try server.get("/fact")
        #expect(response.status == 200, "\(Self.script.names[index]): \(response.body)")
        #expect(server.log.allSatisfy { !$0.contains("contract.lua") || $0.contains("boo") || $0.contains("late") })
    }

    @Test func theScriptHasItsFacts() { #expect(Self.script.names.count >= 15) }

    // MARK: The same through the server

    @Test func aRuntimeErrorIs500AndNeverSilence() throws {
        // The original took such errors for a client that went, and sent nothing.
        let app = """
            local closed = GreenPool()
            closed:shutdown()
            local lock = GreenLock()
            return {
              ["/closed"] = function() return (require("green").spawn(function() return closed:submit(print) end)) end,
              ["/release"] = function() lock:release() end,
              ["/error"] = function() error("boo") end,
              ["/value"] = function() error(nil) end,
              ["/table"] = function() error({}) end,
              ["/list"] = function() error({"a"}) end,
              ["/object"] = function() error(setmetatable({}, {__tostring = function() return "an object" end})) end,
              ["/deep"] = function() local function f() return 1 + f() end return f() end,
              ["/cancelled"] = function() error(require("green").cancelled) end,
              ["/after"] = function() return "fine" end,
            }
            """
        let server = try TestServer(app)
        for path in ["closed", "release", "error", "value", "table", "list", "object", "deep", "cancelled"] {
            let response = try server.get("/" + path)
            #expect(response.status == 500, "\(path)")
            #expect(response.body == "500 Internal Server Error\n", "\(path)")
        }
        #expect(server.log.count == 9)
        #expect(
            server.log.contains { $0.contains("boo") && $0.contains("stack traceback") && $0.contains("app.lua:7") })
        #expect(server.log.contains { $0.contains("an object") })
        #expect(try server.get("/after").body == "fine")
    }

    @Test func anErrorWithAStatusIsAnAnswer() throws {
        let app = """
            return {
              ["/a"] = function() error {status = 404, headers = {A = "b"}, body = "no such thing"} end,
              ["/b"] = function() error {status = 403} end,
              ["/c"] = function() error(setmetatable({}, {__index = {status = 418, body = "teapot"}})) end,
              ["/d"] = function() error {status = 400, body = function() return "x" end} end,
              ["/e"] = function() error {status = 99} end,
            }
            """
        let server = try TestServer(app)
        let response = try server.get("/a")
        #expect(response.status == 404)
        #expect(response["a"] == "b")
        #expect(response.body == "no such thing")
        #expect(try server.get("/b").status == 403)
        #expect(try server.get("/c").body == "teapot")
        #expect(server.log.isEmpty, "an answer is no error")
        #expect(try server.get("/d").status == 500)
        #expect(try server.get("/e").status == 500)
    }

    @Test func responseMiddlewareSeesErrorsAndTheirTracebackIsLogged() throws {
        let app = """
            return GreenWSGI({
              ["/error"] = function() error("boo") end,
              ["/body"] = function(r) return r.body end,
              ["/future"] = function() return require("green").spawn(function() return 201, "later" end) end,
              ["/stream"] = function() local n = 0 return function() n = n + 1 return n < 3 and "p" or nil end end,
            }, nil, function(request, response) response.headers.Seen = tostring(response.status) end)
            """
        let server = try TestServer(app)
        let failed = try server.get("/error", headers: "Accept: application/json\r\n")
        #expect(failed.status == 500)
        #expect(failed["seen"] == "500")
        #expect(failed.body == #"{"status":500,"message":"Internal Server Error"}"# + "\n")
        #expect(server.log.count == 1)
        #expect(server.log.first?.contains("stack traceback") == true)
        #expect(try server.get("/none")["seen"] == "404")
        #expect(try server.get("/future")["seen"] == "201")
        #expect(try server.get("/stream").chunks == ["p", "p"])
        let refused = try server.exchange("POST /body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
        #expect(refused.status == 400)
        #expect(refused["seen"] == "400")
        #expect(refused.closes)
        #expect(server.log.count == 1, "a client's mistake is no error of a handler")
    }

    @Test func anErrorInResponseMiddlewareIs500() throws {
        let server = try TestServer("return GreenWSGI(function() return 'x' end, nil, function() error('late') end)")
        #expect(try server.get("/").status == 500)
        #expect(server.log.first?.contains("late") == true)
    }

    @Test func routesAnswerByMethodAndPath() throws {
        let app = """
            return {
              ["GET /users/:id"] = function(r) return "user " .. r.params.id end,
              ["POST /users/:id"] = function(r) return 201, "made" end,
              ["/files/*path"] = function(r) return r.method .. " " .. r.params.path end,
            }
            """
        let server = try TestServer(app)
        func ask(_ method: String, _ path: String) throws -> RawResponse {
            let client = try server.client()
            client.send("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            return try client.response(to: method)
        }
        #expect(try ask("GET", "/users/7").body == "user 7")
        #expect(try ask("POST", "/users/7").status == 201)
        #expect(try ask("HEAD", "/users/7")["content-length"] == "6")
        #expect(try ask("PATCH", "/files/a/b").body == "PATCH a/b")
        let wrong = try ask("DELETE", "/users/7")
        #expect(wrong.status == 405)
        #expect(wrong["allow"] == "GET, HEAD, OPTIONS, POST")
        let options = try ask("OPTIONS", "/users/7")
        #expect(options.status == 204)
        #expect(options["allow"] == "GET, HEAD, OPTIONS, POST")
        #expect(try ask("GET", "/none").status == 404)
    }

    @Test func theAppsOwnPoolIsUsed() throws {
        let server = try TestServer(
            "pool = GreenPool(1) return GreenWSGI(function() return tostring(pool.workers) end, pool)")
        #expect(try server.get("/").body == "1")
        #expect(server.server.pool.maxWorkers == 1)
    }
}
