import Foundation
import Greenhouse
import Synchronization
import Testing

/// Runs the scripts of Tests/Scripts/hostile, each in a sandboxed host with limits and beside a neighbour: each ends as
/// its second line says, the neighbour goes on, and nothing is left behind.
@Suite(.serialized) struct HostileScriptTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Scripts/hostile")

    static let scripts: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return names.filter { $0.hasSuffix(".lua") }.sorted()
    }()

    static let limits = RunLimits(
        memory: 32 << 20, processorTime: .milliseconds(60), deadline: .seconds(3),
        grace: .milliseconds(100), greens: 100, queue: 100)

    @Test func thereAreFortyAndMore() {
        #expect(Self.scripts.count >= 40)
    }

    /// The kinds of errors that a script may end with.
    private func kinds(_ name: String) throws -> [LuaError.Kind] {
        switch name {
        case "limit": [.limit]
        case "timeout": [.timeout]
        // With bad luck its processor time is over first.
        case "memory", "overflow": [.memory, .runtime, .limit]
        case "error": [.runtime, .memory]
        default: throw LuaError(.conversion, "unknown ending '\(name)'")
        }
    }

    @Test(arguments: scripts)
    func isStoppedWhileItsNeighbourGoesOn(_ name: String) async throws {
        let script = try ScriptFile(reading: Self.folder.appending(path: name).path())
        let lines = String(decoding: script.source, as: UTF8.self).split(separator: "\n")
        let expected = try kinds(String(lines[1].dropFirst("-- Ends with: ".count)))
        let neighbour = Neighbour()
        try await withHost(limits: Self.limits) { host in
            try await host.setLog { _ in }
            try await host.register("beat") { neighbour.beat() }
            let free = CallLimits(processorTime: .seconds(60), deadline: .seconds(60))
            let beating = Task {
                defer { neighbour.hasEnded() }
                try await host.run(
                    "local green = require 'green' while beat() do green.sleep(0.001) end", name: "neighbour",
                    limits: free)
            }
            let ending = await luaError { () throws(LuaError) in try await host.run(script) }
            #expect(ending.map { expected.contains($0.kind) } == true, "ended with \(String(describing: ending))")
            // What it has left behind ends as well: then there are this green and the neighbour.
            let count = "local green = require 'green' green.sleep(0.02) return green.info().greens.live"
            while (try? await host.run(count, name: "count", limits: free, returning: Int.self)) != 2 {
                if neighbour.isGone { break }
            }
            let before = neighbour.beats
            _ = try await host.run(count, name: "count", limits: free, returning: Int.self)
            #expect(neighbour.beats > before, "the neighbour has stopped")
            neighbour.end()
            _ = try await beating.value
            let memory = try await host.withLua { lua in
                // Each collection halves stacks that had grown.
                for _ in 1...8 { try lua.collectGarbage() }
                return try lua.memory.bytes
            }
            #expect(memory < 4 << 20, "\(memory) bytes are still in use")
        }
    }

    /// Counts what the neighbour does, and ends it.
    private final class Neighbour: Sendable {
        private let state = Mutex((beats: 0, isOver: false, isGone: false))
        var beats: Int { state.withLock { $0.beats } }
        func end() { state.withLock { $0.isOver = true } }
        var isGone: Bool { state.withLock { $0.isGone } }
        func hasEnded() { state.withLock { $0.isGone = true } }
        func beat() -> Bool {
            state.withLock { state in
                state.beats += 1
                return !state.isOver
            }
        }
    }
}
