import Testing

@testable import GreenWSGI

@Suite struct RequestObjectTests {
    /// What an expression of `request` gives for a request.
    private func value(_ expression: String, _ request: String) throws -> String {
        let server = try TestServer("return function(request) return tostring(\(expression)) end")
        return try server.exchange(request).body
    }

    private func value(_ expression: String, path: String = "/", headers: String = "") throws -> String {
        try value(expression, "GET \(path) HTTP/1.1\r\nHost: example.org:81\r\n\(headers)\r\n")
    }

    @Test func theRequestLine() throws {
        #expect(try value("request.method") == "GET")
        #expect(try value("request.method", "PURGE / HTTP/1.1\r\nHost: a\r\n\r\n") == "PURGE")
        #expect(try value("request.target", path: "/a%20b?x=1") == "/a%20b?x=1")
        #expect(try value("request.path", path: "/a%20b?x=1") == "/a b")
        #expect(try value("request.path", "GET http://x.org HTTP/1.1\r\nHost: x.org\r\n\r\n") == "/")
        #expect(try value("request.query_string", path: "/?a=1&b=2") == "a=1&b=2")
        #expect(try value("request.version") == "1.1")
        #expect(try value("request.version", "GET / HTTP/1.0\r\n\r\n") == "1.0")
        #expect(try value("request.host") == "example.org:81")
        #expect(try value("request.scheme") == "http")
    }

    @Test func theQuery() throws {
        #expect(try value("request.query.a", path: "/?a=1&b=2&a=3") == "1")
        #expect(try value("request.query['x y']", path: "/?x+y=a%26b") == "a&b")
        #expect(try value("request.query.none", path: "/?a=1") == "nil")
        #expect(try value("table.concat(request:query_values('a'), ',')", path: "/?a=1&b=2&a=3") == "1,3")
        #expect(try value("#request:query_values('z')", path: "/?a=1") == "0")
        #expect(try value("request.query == request.query", path: "/?a=1") == "true")
    }

    @Test func headersAreReadWithoutRegardToCase() throws {
        let headers = "X-Thing: one\r\nx-thing: two\r\nCookie: a=1\r\nCookie: b=2\r\nEmpty:\r\n"
        #expect(try value("request.headers['X-THING']", headers: headers) == "one, two")
        #expect(try value("request.headers.x_thing", headers: headers) == "one, two")
        #expect(try value("request.headers.cookie", headers: headers) == "a=1; b=2")
        #expect(try value("request.headers.none", headers: headers) == "nil")
        #expect(try value("#request.headers.empty", headers: headers) == "0")
        #expect(try value("request:header('host')") == "example.org:81")
        #expect(try value("request:header('none')") == "nil")
        #expect(try value("request.headers[1]", headers: headers) == "nil")
    }

    @Test func pairsGivesEveryHeaderInLowerCase() throws {
        let all =
            "(function() local t = {} for k, v in pairs(request.headers) do t[#t + 1] = k .. '=' .. v end table.sort(t) return table.concat(t, ' ') end)()"
        #expect(try value(all, headers: "B: 1\r\nA: 2\r\nb: 3\r\n") == "a=2 b=1, 3 host=example.org:81")
    }

    @Test func theRemoteAddress() throws {
        #expect(try value("request.remote_addr") == "127.0.0.1")
        #expect(Int(try value("request.remote_port")) ?? 0 > 0)
    }

    @Test func theEnvironIsThatOfWSGI() throws {
        let headers = "Content-Type: a/b\r\nContent-Length: 0\r\nX-Y: 1\r\nX_Y: 2\r\n"
        func entry(_ name: String) throws -> String {
            try value("request.environ['\(name)']", path: "/a%20b?q=1", headers: headers)
        }
        #expect(try entry("REQUEST_METHOD") == "GET")
        #expect(try entry("PATH_INFO") == "/a b")
        #expect(try entry("QUERY_STRING") == "q=1")
        #expect(try entry("SCRIPT_NAME") == "")
        #expect(try entry("SERVER_PROTOCOL") == "HTTP/1.1")
        #expect(try entry("SERVER_NAME") == "example.org")
        #expect(try entry("SERVER_PORT") == "81")
        #expect(try entry("CONTENT_TYPE") == "a/b")
        #expect(try entry("CONTENT_LENGTH") == "0")
        #expect(try entry("HTTP_CONTENT_TYPE") == "nil")
        #expect(try entry("HTTP_X_Y") == "1", "a name with an underscore passes for another one")
        #expect(try entry("HTTP_HOST") == "example.org:81")
        #expect(try entry("REMOTE_ADDR") == "127.0.0.1")
        #expect(try entry("wsgi.url_scheme") == "http")
        #expect(try entry("wsgi.multithread") == "false")
        #expect(try entry("wsgi.run_once") == "false")
        #expect(try value("table.concat(request.environ['wsgi.version'], '.')") == "1.0")
        #expect(try value("request.environ['wsgi.input'] == request") == "true")
        #expect(try value("request.environ == request.environ") == "true")
    }

    @Test func theEnvironReadsItsInputInTheWorker() throws {
        let server = try TestServer("return function(request) return request.environ['wsgi.input']:read() end")
        #expect(try server.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").body == "abc")
    }

    @Test func routeParametersAreDecoded() throws {
        let server = try TestServer(
            "return {['GET /u/:id/*rest'] = function(r) return r.params.id .. '|' .. r.params.rest end, ['/'] = function(r) return type(r.params) end}"
        )
        #expect(try server.get("/u/a%20b/c/d").body == "a b|c/d")
        #expect(try server.get("/").body == "table")
    }

    @Test func anUnknownFieldIsNilAndNothingCanBeSet() throws {
        #expect(try value("request.nothing") == "nil")
        #expect(try value("pcall(function() request.method = 'x' end)") == "false")
    }

    @Test func anObjectOfAnEarlierRequestStaysReadable() throws {
        let server = try TestServer(
            "return function(r) local old = kept kept = r return old and old.target .. ' ' .. tostring(old.remote_addr) or '' end"
        )
        let client = try server.client()
        client.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\nGET /two HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().body == "")
        #expect(try client.response().body == "/one nil")
    }

    @Test func anObjectOfAnEarlierConnectionNeverReachesALaterOne() throws {
        let app = """
            return function(r)
              if r.path == "/keep" then kept = r return "kept" end
              local ok, got = pcall(kept.read, kept)
              return tostring(got) .. "/" .. tostring(kept.remote_addr) .. "/" .. r:read()
            end
            """
        let server = try TestServer(app)
        let post = "HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nsecret"
        _ = try server.exchange("POST /keep \(post)")
        server.run { server.server.connectionCount == 0 }
        let body = try server.exchange("POST /read \(post)").body
        #expect(body.contains("the request is over"))
        #expect(body.hasSuffix("/nil/secret"))
    }

    @Test func methodsComplainAboutWhatIsNoRequest() throws {
        #expect(try value("select(2, pcall(request.read, 1))").contains("request expected, got number"))
        #expect(try value("select(2, pcall(request.read, request, -1))").contains("whole number from 1 up"))
        #expect(try value("select(2, pcall(request.header, request))").contains("string expected"))
        #expect(try value("select(2, pcall(request.query_values, request))").contains("string expected"))
    }
}
