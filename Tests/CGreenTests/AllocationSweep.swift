import CGreen
import Testing

/// One protected operation to be tried with the first, second, third … allocation failing, until it succeeds.
struct SweptOperation: CustomTestStringConvertible, Sendable {
    let name: String
    /// What must be on the stack before, above what `cg_open` leaves; the operation's operands.
    var prepare: @Sendable (TestState) throws -> Void = { _ in }
    /// How many operands the operation takes off, in success and in failure.
    var taken: Int32 = 0
    /// How many values success pushes.
    var pushed: Int32 = 0
    /// How many values failure pushes; the lowest is the error value.
    var failurePushed: Int32 = 1
    /// Fewest failures there must be before success: an operation that never allocates proves nothing.
    var atLeast = 1
    /// The operation under test, with a number that differs from try to try.
    let run: @Sendable (OpaquePointer, Int) -> Int32

    var testDescription: String { name }

    /// Tries until success, and checks after each failure that the state is as the header says.
    func sweep(libraries: Int32 = TestState.allLibraries) throws {
        let state = try TestState(libraries: libraries)
        var failures = 0
        for countdown in 1... {
            try #require(countdown < 2_000, "does not succeed")
            cg_set_top(state.lua, 0)
            try prepare(state)
            let before = state.top
            cg_fail_allocations(state.lua, UInt64(countdown))
            let status = run(state.lua, countdown)
            cg_fail_allocations(state.lua, 0)
            if status == CG_OK {
                #expect(state.top == before - taken + pushed, "\(name) succeeds at \(countdown)")
                break
            }
            failures += 1
            try #require(status == CG_ERRMEM, "\(name) at \(countdown)")
            try #require(state.top == before - taken + failurePushed, "\(name) at \(countdown)")
            #expect(state.text(-failurePushed) == "not enough memory", "\(name) at \(countdown)")
            try usable(state, "\(name) at \(countdown)")
        }
        #expect(failures >= atLeast, "\(name) failed \(failures) times")
        try usable(state, name)
        cg_set_top(state.lua, 0)
    }

    private func usable(_ state: TestState, _ what: String) throws {
        #expect(
            try state.run("local list = {} for i = 1, 20 do list[i] = {i} end return #list, (1 .. '') + 1") == "20, 2",
            "\(what)")
        #expect(cg_collect(state.lua) == CG_OK, "\(what)")
    }
}
