import EventLoop
import Testing

@testable import GreenHttp

/// What requests from Swift are refused for before anything is sent.
@Suite struct GreenHttpRequestTests {
    private func problem(
        method: String = "GET", url: String = "http://127.0.0.1:1/", headers: [(name: String, value: String?)] = [],
        body: HTTPBody = .none, _ change: (inout HTTPOptions) -> Void = { _ in }
    ) async throws -> HTTPClientError? {
        let loop = try EventLoop(name: "test")
        loop.start()
        defer { loop.stop() }
        let http = try GreenHttp(on: loop)
        var options = HTTPOptions()
        change(&options)
        do {
            _ = try await http.request(method, url, headers: headers, body: body, options: options)
            return nil
        } catch {
            return error
        }
    }

    @Test func nothingBreaksIntoTheHead() async throws {
        #expect(try await problem(method: "GET\r\nX: y")?.kind == .invalid)
        #expect(try await problem(url: "http://127.0.0.1:1/\r\nX: y")?.kind == .invalid)
        #expect(try await problem(headers: [("X", "a\r\nB: c")])?.kind == .invalid)
        #expect(try await problem { $0.authentication = .bearer(token: "a\r\nX: y") }?.kind == .invalid)
        let part = HTTPBody.Part(name: "a", .bytes([]), type: "a/b\r\nX: y")
        #expect(try await problem(method: "POST", body: .multipart([part]))?.kind == .invalid)
    }

    @Test func onlyHTTPIsSpoken() async throws {
        #expect(try await problem(url: "file:///etc/passwd")?.kind == .invalid)
        #expect(try await problem { $0.proxy.url = "ftp://x" }?.kind == .invalid)
        #expect(try await problem()?.kind == .connect)
    }
}
