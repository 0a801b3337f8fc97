import Greenhouse
import Testing

/// The Swift of HTTPClient.md, with no other import than a user's: it compiles, and does what the article says.
@Suite(.enabled(if: HTTPHarness.hasServers, "needs scripts/test-servers"), .timeLimit(.minutes(1)))
struct DocumentedSwiftTests {
    /// The function of the article.
    private func example(_ base: String) async throws -> [String] {
        let loop = try EventLoop(name: "http")
        loop.start()
        var options = HTTPOptions()
        options.timeout = .seconds(5)
        options.retries.count = 2
        options.authentication = .bearer(token: "t0ken")
        let http = try GreenHttp(on: loop, options: options, baseURL: base, headers: [("Accept", "text/plain")])

        var seen: [String] = []
        do {
            let response = try await http.get("/lines.txt", query: [("page", "2")])
            seen.append("\(response.status) \(response.isOK) \(response.headers["content-type"] ?? "none")")
            seen.append("\(response.body.count) \(response.text.prefix(6))")
            try await http.post("/not/there", .form([("name", "Ada")])).requireOK()
        } catch {
            guard error.kind == .status else { throw error }
            seen.append(error.message)
        }
        var count = 0
        for try await piece in try await http.stream("GET", "/lines.txt") { count += piece.count }
        seen.append("\(count)")
        http.close()
        loop.execute { loop.stop() }
        return seen
    }

    @Test func theRequestsOfTheArticleAreMadeAsItSays() async throws {
        let base = HTTPHarness.server("HTTP")
        let seen = try await example(base)
        #expect(seen.count == 4)
        #expect(seen.first?.hasPrefix("200 true text/plain") == true)
        #expect(seen.dropFirst().first?.hasSuffix(" line 1") == true)
        #expect(seen.dropFirst(2).first?.contains("/not/there: 4") == true, "\(seen)")
    }

    @Test func theWebSocketOfTheArticleTalks() async throws {
        let loop = try EventLoop(name: "http")
        loop.start()
        let http = try GreenHttp(on: loop)
        var heard: [WebSocketMessage] = []
        let socket = try await http.webSocket(HTTPHarness.server("WS"), subprotocols: ["chat"])
        try await socket.send("hello")
        for try await message in socket {
            heard.append(message)
            try await socket.close(.normal, reason: "done")
        }
        #expect(heard == [.text("hello")])
        #expect(await socket.closing?.code == .normal)
        http.close()
        loop.execute { loop.stop() }
    }
}
