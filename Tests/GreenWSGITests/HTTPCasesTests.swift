import EventLoop
import Foundation
import Green
import Testing

@testable import GreenWSGI

/// The raw requests of a table of cases with their verdicts, where that is at hand: `../shared/http-cases/table.json`
/// beside the package, or where `GREENHOUSE_HTTP_CASES` says.
@Suite struct HTTPCasesTests {
    private struct Case: Decodable {
        let id: String
        let payload: Data
        let level: String
        let table: [String: [String]]
    }

    private static let path: String = {
        if let given = ProcessInfo.processInfo.environment["GREENHOUSE_HTTP_CASES"] { return given }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent("../shared/http-cases/table.json").standardized.path
    }()

    /// Answers 200 and echoes the body for any method; `/echo` and `/cookie` show the request's fields.
    private static let app = """
        return function(r)
          if r.path ~= "/echo" and r.path ~= "/cookie" then return 200, r.body end
          local lines = {}
          for name, value in pairs(r.headers) do lines[#lines + 1] = name .. ": " .. value end
          return 200, table.concat(lines, "\\n")
        end
        """

    /// Cases of level `Must` that do not pass, and why that is right.
    private static let explained = [
        "MAL-POST-CL-HUGE-NO-BODY":
            "the length is above the limit for bodies, and 413 says so (RFC 9110 §15.5.14); the table takes 400 or silence"
    ]

    @Test(
        .enabled(
            if: FileManager.default.isReadableFile(atPath: path),
            "the table of cases is not there: put it at ../shared/http-cases/table.json or name it in GREENHOUSE_HTTP_CASES"
        ))
    func nearlyAllCasesPass() throws {
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(fileURLWithPath: Self.path)))
        let server = try TestServer(Self.app, clock: .manual)
        var counts: [String: Int] = [:]
        var failing: Set<String> = []
        for one in cases {
            let (key, response) = try outcome(of: one, server)
            let verdict = verdict(on: one, key, response)
            counts[verdict, default: 0] += 1
            if verdict != "Pass" { print("http-cases: \(verdict) \(one.id) (\(one.level)): \(key)") }
            if verdict != "Pass", verdict != "Warn", one.level == "Must" { failing.insert(one.id) }
        }
        print(
            "http-cases: \(cases.count) cases: \(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))"
        )
        #expect(counts["Pass", default: 0] + counts["Warn", default: 0] >= min(170, cases.count))
        #expect(failing == Set(Self.explained.keys))
    }

    /// "status/state": the first status or `none`; the connection is left open, closed, or there is no answer.
    private func outcome(of one: Case, _ server: TestServer) throws -> (String, RawResponse?) {
        let client = try server.client()
        client.send(Array(one.payload))
        server.settle()
        client.receive()
        let method = text(Array(one.payload)).components(" ")[0]
        let response = RawResponse(client.received, to: method, isAtEnd: client.isAtEnd)
        let status = response.map { "\($0.status)" } ?? "none"
        if client.isAtEnd { return ("\(status)/C", response) }
        return (response == nil ? "none/T" : "\(status)/O", response)
    }

    /// Cases whose verdict on a 200 the table leaves to the answer's content: the body that must come back.
    private static let echoed = [
        "COMP-POST-CL-BODY": "hello", "COMP-CHUNKED-BODY": "hello", "COMP-CHUNKED-MULTI": "hello world",
        "COMP-CHUNKED-EXTENSION": "hello", "COMP-CHUNKED-TRAILER-VALID": "hello",
        "COMP-CHUNKED-HEX-UPPERCASE": "helloworld",
    ]

    /// What the answer's content says, where it decides; else what the table says.
    private func verdict(on one: Case, _ key: String, _ response: RawResponse?) -> String {
        if let response, response.status == 200 {
            if let body = Self.echoed[one.id] { return response.body == body ? "Pass" : "Fail" }
            if one.id == "COMP-DATE-HEADER" { return response["date"] == nil ? "Fail" : "Pass" }
            let cookie = text(Array(one.payload)).components("Cookie: ").last?.components("\r")[0] ?? "?"
            if one.id.hasPrefix("COOK-"), response.body.contains(cookie) { return "Pass" }
        }
        return one.table.first { $0.value.contains(key) }?.key ?? "not in the table"
    }
}
