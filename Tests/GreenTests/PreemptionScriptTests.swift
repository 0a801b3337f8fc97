import Foundation
import Green
import Greenhouse
import ScriptFacts
import Testing

/// Runs the behaviour tests about greens that do not wait, against the real clock.
@Suite(.serialized) struct PreemptionScriptTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Scripts/preemption")

    @Test(arguments: ["slices.lua", "stopping.lua"])
    func everyFactHolds(of script: String) throws {
        let path = Self.folder.appending(path: script).path()
        var limits = RunLimits()
        limits.grace = .milliseconds(300)
        limits.blockedAfter = nil
        let facts = try ScriptFact<ScriptHarness>.all(of: ScriptFile(reading: path))
        #expect(!facts.isEmpty, "\(script) states no facts")
        for fact in facts {
            for problem in try fact.problems(clock: .monotonic, limits: limits, limit: .seconds(30)) {
                let location = SourceLocation(
                    fileID: "Scripts/preemption/\(script)", filePath: path, line: fact.line, column: 1)
                Issue.record("\(script):\(fact.line): \(fact.name): \(problem)", sourceLocation: location)
            }
        }
    }
}
