import Foundation
import Greenhouse
import ScriptFacts
import Testing

/// Runs the facts about the HTTP client that are written in Lua, each as a test case of its own, in real time.
///
/// Scripts that mention `servers` need those that `scripts/test-servers` starts.
@Suite struct HTTPScriptTests {
    /// A fact of a script.
    struct Place: Sendable, CustomTestStringConvertible {
        let script: String
        let needsServers: Bool
        let fact: ScriptFact<HTTPHarness>
        var testDescription: String { "\(script): \(fact.name)" }
    }

    struct Fault: Error, CustomStringConvertible { let description: String }

    private static let folder = HTTPHarness.scripts.appending(path: "http")
    /// Only the facts whose script or name has this text: GREENHOUSE_FACTS=redirects.lua
    private static let wanted = ProcessInfo.processInfo.environment["GREENHOUSE_FACTS"]

    private static let loaded: [Result<[Place], Fault>] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.sorted().filter { $0.hasSuffix(".lua") }.map { name in
            do {
                let script = try ScriptFile(reading: folder.appending(path: name).path())
                let needsServers = String(decoding: script.source, as: UTF8.self).contains("servers.")
                // Where a script reads `servers` while it loads, it cannot be loaded without.
                if needsServers, !HTTPHarness.hasServers { return .success([]) }
                return .success(
                    try ScriptFact.all(of: script).map { Place(script: name, needsServers: needsServers, fact: $0) })
            } catch {
                return .failure(Fault(description: "\(name): \(error)"))
            }
        }
    }()

    private static func places(needingServers: Bool) -> [Place] {
        loaded.flatMap { (try? $0.get()) ?? [] }.filter { place in
            place.needsServers == needingServers && wanted.map { place.testDescription.contains($0) } ?? true
        }
    }

    @Test func everyScriptLoadsAndStatesFactsOfDifferentNames() throws {
        #expect(!Self.loaded.isEmpty)
        for script in Self.loaded {
            let facts = try script.get()
            #expect(!facts.isEmpty || !HTTPHarness.hasServers)
            #expect(Set(facts.map(\.fact.name)).count == facts.count, "\(facts[0].script) has two facts of one name")
        }
    }

    @Test(.enabled(if: HTTPHarness.hasServers, "needs scripts/test-servers"), arguments: places(needingServers: true))
    func holdsWithServers(_ place: Place) throws { try check(place) }

    @Test(arguments: places(needingServers: false))
    func holds(_ place: Place) throws { try check(place) }

    private func check(_ place: Place) throws {
        let fact = place.fact
        for problem in try fact.problems(clock: .monotonic, limit: .seconds(60)) {
            let location = SourceLocation(
                fileID: "Scripts/http/\(place.script)", filePath: Self.folder.appending(path: place.script).path(),
                line: fact.line, column: 1)
            Issue.record("\(place.script):\(fact.line): \(fact.name): \(problem)", sourceLocation: location)
        }
    }
}
