import CGreen
import Testing

/// A green whose slice ends whenever it is looked at, and which goes on at once: what it runs is broken wherever that
/// may be.
final class TestSlicedGreen {
    private let state: TestState
    let thread: OpaquePointer
    /// How often it gave way.
    private(set) var breaks = 0
    /// How often it waited.
    private(set) var parks = 0

    init(_ state: TestState, slot: Int64 = 1) throws {
        self.state = state
        try #require(cg_vault_grow(state.lua, slot) == CG_OK)
        try #require(cg_new_thread(state.lua) == CG_OK)
        thread = try #require(cg_to_thread(state.lua, -1))
        cg_vault_store(state.lua, slot)
        cg_set_slice(state.lua, 0) { _, mayPark in Int32(mayPark ? CG_GIVE_WAY : CG_GO_ON) }
    }

    /// Begins what `load` put on the green's stack, or goes on; the status of `cg_resume`.
    func resume(_ results: inout Int32) -> Int32 {
        let status = cg_resume(thread, 0, nil, &results)
        if status == CG_PREEMPTED { breaks += 1 }
        if status == CG_PARKED { parks += 1 }
        return status
    }

    /// Runs a chunk to its end; its values as text.
    func finish(_ source: String) throws -> String {
        try state.load(source, on: thread)
        var results: Int32 = 0
        var status = resume(&results)
        while status == CG_PREEMPTED || status == CG_PARKED { status = resume(&results) }
        guard status == CG_DONE else {
            defer { cg_reset(thread, nil) }
            throw ScriptError(description: state.describe(-1, on: thread))
        }
        let first = cg_top(thread) - results + 1
        let texts = (0..<results).map { state.describe(first + $0, on: thread) }
        cg_set_top(thread, 0)
        return texts.joined(separator: ", ")
    }
}
