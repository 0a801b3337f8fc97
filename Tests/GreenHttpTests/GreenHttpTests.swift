import EventLoop
import Green
import Greenhouse
import LuaRuntime
import Testing

@testable import GreenHttp

/// The client as Swift code has it, against an app of our own server.
struct GreenHttpTests {
    private static let app = """
        return {
          ["GET /hello"] = function(request)
            return 200, { ["X-Method"] = request.method, ["Set-Cookie"] = "seen=1" }, "hello " .. (request.query.name or "")
          end,
          ["POST /echo"] = function(request)
            return 200, { ["Content-Type"] = request.headers["content-type"] or "none" }, request.body
          end,
          ["GET /fields"] = function(request)
            return (request.headers["x-one"] or "-") .. (request.headers["x-two"] or "-")
          end,
          ["GET /moved"] = function() return 302, { Location = "/hello?name=you" }, "" end,
          ["GET /cookie"] = function(request) return request.headers.cookie or "no cookie" end,
          ["GET /missing"] = function() return 404, "nothing" end,
          ["GET /never"] = function() asked() green.sleep(1000) end,
          ["GET /pieces"] = function()
            local n = 0
            return 200, {}, function()
              n = n + 1
              green.sleep(0)
              return n <= 100 and ("%05d"):format(n) or nil
            end
          end,
        }
        """

    /// Gives a body a client whose base URL is a server of the app.
    private func withClient(
        options: HTTPOptions = HTTPOptions(), headers: [(name: String, value: String)] = [],
        _ body: (GreenHttp, AsyncStream<Void>) async throws -> Void
    ) async throws {
        let (asked, asks) = AsyncStream<Void>.makeStream()
        let loop = try EventLoop(name: "server")
        loop.start()
        let host = try await ScriptHost(on: loop)
        try await host.register("asked") { _ = asks.yield() }
        let server = try await host.serve(ScriptFile(source: Self.app, name: "app.lua"), on: "127.0.0.1:0")
        let own = try EventLoop(name: "client")
        own.start()
        let http = try GreenHttp(
            on: own, options: options, baseURL: "http://127.0.0.1:\(server.address.port ?? 0)", headers: headers)
        let result: Result<Void, any Error>
        do {
            try await body(http, asked)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        http.close()
        await host.close()
        for each in [own, loop] {
            each.stop()
            each.join()
        }
        try result.get()
    }

    @Test func aGetAnswersTheResponse() async throws {
        try await withClient { http, _ in
            let response = try await http.get("/hello", query: [("name", "a b&c")])
            #expect(response.status == 200)
            #expect(response.text == "hello a b&c")
            #expect(response.headers["x-METHOD"] == "GET")
            #expect(response.version == "1.1")
            #expect(response.isOK)
            let answer1 = try await http.get("/hello")
            #expect(answer1.isReused)
        }
    }

    @Test func everyVerbIsSent() async throws {
        try await withClient { http, _ in
            let answer2 = try await http.head("/hello")
            #expect(answer2.headers["x-method"] == "HEAD")
            let answer3 = try await http.put("/hello")
            #expect(answer3.status == 405)
            let answer4 = try await http.patch("/hello")
            #expect(answer4.status == 405)
            let answer5 = try await http.delete("/hello")
            #expect(answer5.status == 405)
            let answer6 = try await http.request("OPTIONS", "/hello")
            #expect(answer6.status == 204)
        }
    }

    @Test func bodiesOfEveryKindArrive() async throws {
        try await withClient { http, _ in
            let answer7 = try await http.post("/echo", .text("ä"))
            #expect(answer7.text == "ä")
            let answer8 = try await http.post("/echo", .bytes([0, 1, 255]))
            #expect(answer8.body == [0, 1, 255])
            let form = try await http.post("/echo", .form([("a", "1 2"), ("b", "&")]))
            #expect(form.text == "a=1+2&b=%26")
            #expect(form.headers["content-type"] == "application/x-www-form-urlencoded")
            let parts = try await http.post("/echo", .multipart([.init(name: "f", .bytes([65]), filename: "a.txt")]))
            #expect(parts.text.contains("filename=\"a.txt\""))
            let source = Pieces(["one ", "two ", "three"])
            let answer9 = try await http.post("/echo", .stream { await source.next() })
            #expect(answer9.text == "one two three")
        }
    }

    @Test func aBodyFunctionThatThrowsEndsTheRequest() async throws {
        try await withClient { http, _ in
            struct Broken: Error {}
            await #expect {
                _ = try await http.post("/echo", .stream { throw Broken() })
            } throws: {
                ($0 as? HTTPClientError)?.kind == .upload
            }
            let answer10 = try await http.get("/hello")
            #expect(answer10.status == 200)
        }
    }

    @Test func headersAreSetOverriddenAndTakenOut() async throws {
        try await withClient(headers: [("X-One", "1"), ("X-Two", "2")]) { http, _ in
            let answer11 = try await http.get("/fields")
            #expect(answer11.text == "12")
            let answer12 = try await http.get("/fields", headers: [("x-two", nil), ("X-ONE", "3")])
            #expect(answer12.text == "3-")
        }
        await #expect(throws: HTTPClientError.self) {
            try await withClient(headers: [("X", "a\r\nb")]) { _, _ in }
        }
    }

    @Test func redirectsAreFollowedAndRemembered() async throws {
        try await withClient { http, _ in
            let response = try await http.get("/moved")
            #expect(response.text == "hello you")
            #expect(response.history.map(\.status) == [302])
            #expect(response.url.hasSuffix("/hello?name=you"))
            var options = HTTPOptions()
            options.maxRedirects = 0
            let answer13 = try await http.get("/moved", options: options)
            #expect(answer13.status == 302)
        }
    }

    @Test func cookiesAreKept() async throws {
        try await withClient { http, _ in
            let answer14 = try await http.get("/cookie")
            #expect(answer14.text == "no cookie")
            _ = try await http.get("/hello")
            let answer15 = try await http.get("/cookie")
            #expect(answer15.text == "seen=1")
            await http.clearCookies()
            let answer16 = try await http.get("/cookie")
            #expect(answer16.text == "no cookie")
        }
    }

    @Test func anErrorStatusIsAnAnswerUntilOneAsks() async throws {
        try await withClient { http, _ in
            let response = try await http.get("/missing")
            #expect(!response.isOK)
            #expect(throws: HTTPClientError.self) { try response.requireOK() }
        }
    }

    @Test func aBodyIsReadWhileItComes() async throws {
        try await withClient { http, _ in
            let stream = try await http.stream("GET", "/pieces")
            #expect(stream.response.status == 200)
            var text = ""
            for try await piece in stream { text += String(decoding: piece, as: UTF8.self) }
            #expect(text == (1...100).map { String("0000\($0)".suffix(5)) }.joined())
        }
    }

    @Test func aStreamThatIsLetGoOfEndsItsRequest() async throws {
        try await withClient { http, _ in
            do { _ = try await http.stream("GET", "/pieces") }
            let answer17 = try await http.get("/hello")
            #expect(answer17.status == 200)
        }
    }

    @Test func cancellingTheTaskGivesTheRequestUp() async throws {
        try await withClient { http, asked in
            let task = Task { try await http.get("/never") }
            var iterator = asked.makeAsyncIterator()
            await iterator.next()
            task.cancel()
            await #expect {
                _ = try await task.value
            } throws: {
                ($0 as? HTTPClientError)?.kind == .cancelled
            }
        }
    }

    @Test func timeLimitsAreKept() async throws {
        var options = HTTPOptions()
        options.timeout = .milliseconds(50)
        try await withClient(options: options) { http, _ in
            await #expect {
                _ = try await http.get("/never")
            } throws: {
                ($0 as? HTTPClientError)?.kind == .timeout
            }
        }
    }

    @Test func nothingIsAskedOfAClosedClient() async throws {
        try await withClient { http, asked in
            let pending = Task { try await http.get("/never") }
            var iterator = asked.makeAsyncIterator()
            await iterator.next()
            http.close()
            await #expect(throws: HTTPClientError.self) { _ = try await pending.value }
            await #expect(throws: HTTPClientError.self) { _ = try await http.get("/hello") }
        }
    }

    @Test func badInputIsToldBeforeAnythingIsSent() async throws {
        try await withClient { http, _ in
            for url in ["http://", "ftp://example.org/", "http://exa mple/"] {
                await #expect {
                    _ = try await http.get(url)
                } throws: {
                    ($0 as? HTTPClientError)?.kind == .invalid
                }
            }
        }
    }
}

/// Pieces of a body, one after the other.
private actor Pieces {
    private var left: [String]

    init(_ pieces: [String]) { left = pieces }

    func next() -> [UInt8]? {
        left.isEmpty ? nil : Array(left.removeFirst().utf8)
    }
}
