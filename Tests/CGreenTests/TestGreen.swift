import CGreen
import Testing

/// A green that a test drives by hand.
final class TestGreen {
    enum Outcome: Equatable {
        case parked
        case done(String)
        case failed(String)
    }

    private let state: TestState
    let thread: OpaquePointer
    private let slot: Int64
    private(set) var parks = 0

    init(_ state: TestState, slot: Int64 = 1) throws {
        self.state = state
        self.slot = slot
        try #require(cg_vault_grow(state.lua, slot) == CG_OK)
        try #require(cg_new_thread(state.lua) == CG_OK)
        thread = try #require(cg_to_thread(state.lua, -1))
        cg_vault_store(state.lua, slot)
    }

    /// Begins a chunk, or goes on where none is given, up to the next park or the end.
    func step(_ source: String? = nil) throws -> Outcome {
        if let source { try state.load(source, on: thread) }
        var results: Int32 = 0
        switch Int(cg_resume(thread, 0, nil, &results)) {
        case CG_PARKED, CG_PREEMPTED:
            parks += 1
            return .parked
        case CG_DONE:
            let first = cg_top(thread) - results + 1
            let texts = (0..<results).map { state.describe(first + $0, on: thread) }
            cg_set_top(thread, 0)
            return .done(texts.joined(separator: ", "))
        default:
            let text = state.describe(-1, on: thread)
            cg_reset(thread, nil)
            return .failed(text)
        }
    }

    /// Runs a chunk through all its parks.
    func finish(_ source: String) throws -> Outcome {
        var outcome = try step(source)
        while outcome == .parked { outcome = try step() }
        return outcome
    }
}
