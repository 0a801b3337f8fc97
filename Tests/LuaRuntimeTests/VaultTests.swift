import LuaRuntime
import Testing

@Suite struct VaultTests {
    let state: LuaState

    init() throws { state = try LuaState.forTest() }

    @Test func valuesComeBackByNumber() throws {
        let slots = try (1...100).map { value in
            let slot = try state.vault.reserve()
            state.main.push(value)
            state.vault.store(slot, from: state.main)
            return slot
        }
        #expect(Set(slots).count == 100)
        #expect(state.vault.heldCount == 100)
        for (index, slot) in slots.enumerated() {
            state.vault.push(slot, on: state.main)
            #expect(state.main.integer(at: -1) == index + 1)
            state.main.pop()
        }
        slots.forEach(state.vault.release)
        #expect(state.vault.heldCount == 0)
    }

    @Test func givenUpNumbersAreUsedAgain() throws {
        let first = try state.vault.reserve()
        state.vault.release(first)
        #expect(try state.vault.reserve() == first)
        #expect(state.vault.heldCount == 1)
    }

    @Test func releasedValuesAreCollected() throws {
        try state.run("weak = setmetatable({{}}, {__mode = 'v'})")
        let slot = try state.vault.reserve()
        try state.push(expression: "weak[1]")
        state.vault.store(slot, from: state.main)
        state.collectGarbage()
        #expect(try state.run("return type(weak[1])") == "table")
        state.vault.release(slot)
        state.collectGarbage()
        #expect(try state.run("return weak[1]") == "nil")
    }

    @Test func reservingWithoutMemoryThrowsAndCanBeTriedAgain() throws {
        for _ in 0..<16 { _ = try state.vault.reserve() }
        let held = state.vault.heldCount
        state.failAllocations(after: 1)
        #expect(throws: LuaFailure.self) { try state.vault.reserve() }
        #expect(state.main.string(at: -1) == "not enough memory")
        state.main.setTop(0)
        let thread = try {
            state.failAllocations(after: 0)
            let thread = try state.main.pushThread()
            state.failAllocations(after: 1)
            return thread
        }()
        #expect(throws: LuaFailure.self) { try state.vault.reserve(reporting: thread) }
        state.failAllocations(after: 0)
        #expect(thread.string(at: -1) == "not enough memory")
        #expect(state.main.top == 1)
        #expect(state.vault.heldCount == held)
        let slot = try state.vault.reserve(reporting: thread)
        #expect(state.vault.heldCount == held + 1)
        state.vault.release(slot)
        state.main.setTop(0)
    }

    @Test func releasingAfterCloseIsHarmless() throws {
        let slot = try state.vault.reserve()
        state.close()
        state.vault.release(slot)
    }
}
