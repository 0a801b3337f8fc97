import Foundation
import Greenhouse
import LuaRuntime
import ScriptFacts
import Testing

/// Runs the behaviour tests that are written in Lua: every fact of every script in Tests/Scripts.
@Suite struct ScriptTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Scripts")

    /// The scripts that state facts; others in the folder belong to runners of their own.
    static let scripts: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.sorted().filter { name in
            guard name.hasSuffix(".lua") else { return false }
            let text = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
            return text?.contains("require \"support.check\"") ?? true
        }
    }()

    @Test func thereAreScripts() {
        #expect(Self.scripts.count >= 21)
    }

    @Test(arguments: scripts)
    func everyFactHolds(of script: String) throws {
        let path = Self.folder.appending(path: script).path()
        let facts = try ScriptFact<ScriptHarness>.all(of: ScriptFile(reading: path))
        #expect(!facts.isEmpty, "\(script) states no facts")
        #expect(Set(facts.map(\.name)).count == facts.count, "\(script) has two facts of one name")
        for fact in facts {
            for problem in try fact.problems() {
                let location = SourceLocation(
                    fileID: "Scripts/\(script)", filePath: path, line: fact.line, column: 1)
                Issue.record("\(script):\(fact.line): \(fact.name): \(problem)", sourceLocation: location)
            }
        }
    }

    @Test func aFailingFactIsReportedWithItsPlace() throws {
        let script = try temporaryScript(
            """
            local check = require "support.check"
            check.fact("holds", function() end)
            check.fact("breaks", function()
              check.equal(1, 2)
            end)
            check.fact("stays", function()
              wait(require("green").future())
            end)
            check.main_fact("breaks outside", function() error("no") end)
            """)
        let facts = try ScriptFact<ScriptHarness>.all(of: script)
        #expect(facts.map(\.name) == ["holds", "breaks", "stays", "breaks outside"])
        #expect(facts.map(\.line) == [2, 3, 6, 9])
        let problems = try facts.map { try $0.problems() }
        #expect(problems[0].isEmpty)
        #expect(problems[1].first?.contains("fact.lua:4: expected 2, got 1") == true)
        #expect(problems[2].first?.contains("fact.lua:7") == true)
        #expect(problems[3].first?.contains("fact.lua:9: no") == true)
    }

    /// A script in a folder of its own, with this folder's support beside it.
    private func temporaryScript(_ text: String) throws -> ScriptFile {
        let place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        let search = "package.path = \"\(Self.folder.path())/?.lua;\" .. package.path; "
        try (search + text).write(to: place.appending(path: "fact.lua"), atomically: true, encoding: .utf8)
        return try ScriptFile(reading: place.appending(path: "fact.lua").path())
    }
}
