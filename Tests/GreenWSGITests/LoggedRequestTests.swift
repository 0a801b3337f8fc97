import EventLoop
import Foundation
import Green
import Testing

@testable import GreenWSGI

/// The access log as the server writes it.
@Suite struct LoggedRequestTests {
    /// Runs exchanges against a server that logs, and gives the lines.
    private func lines(
        _ app: String, format: AccessLogFormat = .combined, _ body: (TestServer) throws -> Void
    ) throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let log = try AccessLog(.file(path: file.path), format: format)
        let server = try TestServer(app, accessLog: log)
        try body(server)
        server.server.stopNow()
        server.settle()
        log.flush()
        return String(decoding: try Data(contentsOf: file), as: UTF8.self).components("\n").dropLast()
    }

    @Test func aRequestThatIsCutOffIsALineAsWell() throws {
        let lines = try lines("return function() require('green').sleep(100) return 'late' end") { server in
            let client = try server.client()
            client.send("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n")
            server.run { server.scheduler.parkedCount == 1 }
        }
        #expect(lines.count == 1)
        #expect(lines.first?.contains(#""GET /cut HTTP/1.1" 503 "#) == true)
    }

    @Test func everyExchangeIsOneLine() throws {
        let app =
            "return function(r) if r.path == '/e' then error('x') end if r.path == '/n' then return end return 201, 'hello' end"
        let lines = try lines(app) { server in
            _ = try server.get("/a?b=c", headers: "Referer: http://r/\r\nUser-Agent: test\r\n")
            _ = try server.get("/e")
            _ = try server.get("/n")
            let client = try server.client()
            client.send("HEAD /a HTTP/1.0\r\n\r\n")
            _ = try client.response(to: "HEAD")
        }
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("127.0.0.1 - - ["))
        #expect(lines[0].contains(#"] "GET /a?b=c HTTP/1.1" 201 5 "http://r/" "test""#))
        #expect(lines[1].contains(#""GET /e HTTP/1.1" 500 26 "#))
        #expect(lines[2].contains(#""GET /n HTTP/1.1" 404 14 "#))
        #expect(lines[3].contains(#""HEAD /a HTTP/1.0" 201 - "#) || lines[3].contains(#""HEAD /a HTTP/1.0" 201 0 "#))
    }

    @Test func whatIsNoRequestHasALineToo() throws {
        let lines = try lines("return function() return 'x' end") { server in
            _ = try server.exchange("GARBAGE\r\n\r\n")
        }
        #expect(lines.count == 1)
        #expect(lines[0].contains(#" "-" 400 "#))
    }

    @Test func streamsCountTheirBytes() throws {
        let app =
            "return function(r) local n = 0 return 202, {}, function() n = n + 1 if r.path == '/e' and n == 2 then error('x') end return n < 4 and 'four' or nil end end"
        let lines = try lines(app) { server in
            _ = try server.get("/s")
            let client = try server.client()
            client.send("GET /e HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = client.rest()
        }
        #expect(lines.count == 2)
        #expect(lines[0].contains(#""GET /s HTTP/1.1" 202 12 "#))
        #expect(lines[1].contains(#""GET /e HTTP/1.1" 202 4 "#), "a stream that broke off is an exchange, too")
    }

    @Test func aClientThatWentIs499() throws {
        let app = "return function() require('green').sleep(1000) end"
        let lines = try lines(app) { server in
            let client = try server.client()
            client.send("GET /w HTTP/1.1\r\nHost: a\r\n\r\n")
            server.run { server.scheduler.parkedCount == 1 }
            client.disconnect()
            server.run { server.server.connectionCount == 0 }
        }
        #expect(lines.count == 1)
        #expect(lines[0].contains(#""GET /w HTTP/1.1" 499 "#))
    }

    @Test func aLargeAnswerToAClientThatWentKeepsItsLine() throws {
        let lines = try lines("return function() require('green').sleep(0) return string.rep('x', 50000) end") {
            server in
            let client = try server.client()
            client.send("GET /w HTTP/1.1\r\nHost: a\r\n\r\n")
            client.endSending()
            server.run { server.server.connectionCount == 0 }
        }
        #expect(lines.count == 1)
        #expect(lines[0].contains(#""GET /w HTTP/1.1" "#))
    }

    @Test func jsonLinesAreJSON() throws {
        let lines = try lines("return function() return 'x' end", format: .json) {
            _ = try $0.get("/a\"b".components("\"")[0])
        }
        #expect(lines.count == 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(object["status"] as? Int == 200)
    }

    @Test func linesAreWrittenWithinASecondOrSo() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("log-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let log = try AccessLog(.file(path: file.path))
        let server = try TestServer("return function() return 'x' end", clock: .manual, accessLog: log)
        _ = try server.get("/")
        #expect(try Data(contentsOf: file).isEmpty)
        server.loop.advance(by: .seconds(2))
        #expect(try !Data(contentsOf: file).isEmpty)
    }
}
