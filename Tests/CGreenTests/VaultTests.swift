import CGreen
import Testing

@Suite struct VaultTests {
    let state: TestState

    init() throws { state = try TestState() }

    @Test func aSlotGivesBackWhatWasStored() throws {
        try #require(cg_vault_grow(state.lua, 3) == CG_OK)
        try state.push("held")
        cg_vault_store(state.lua, 2)
        #expect(state.top == 0)
        #expect(cg_vault_push(state.lua, 2) == CG_TSTRING)
        #expect(state.text(-1) == "held")
        #expect(state.top == 1)
        cg_set_top(state.lua, 0)
    }

    @Test func aFreshOrClearedSlotHoldsFalse() throws {
        try #require(cg_vault_grow(state.lua, 2) == CG_OK)
        #expect(cg_vault_push(state.lua, 1) == CG_TBOOLEAN)
        cg_push_integer(state.lua, 5)
        cg_vault_store(state.lua, 1)
        cg_vault_clear(state.lua, 1)
        #expect(cg_vault_push(state.lua, 1) == CG_TBOOLEAN)
        cg_set_top(state.lua, 0)
    }

    @Test func nilIsHeldAsFalseSoThatTheSlotStays() throws {
        try #require(cg_vault_grow(state.lua, 1) == CG_OK)
        cg_push_nil(state.lua)
        cg_vault_store(state.lua, 1)
        #expect(cg_vault_push(state.lua, 1) == CG_TBOOLEAN)
        cg_set_top(state.lua, 0)
    }

    @Test func growingKeepsWhatIsThere() throws {
        try #require(cg_vault_grow(state.lua, 1) == CG_OK)
        cg_push_integer(state.lua, 11)
        cg_vault_store(state.lua, 1)
        try #require(cg_vault_grow(state.lua, 500) == CG_OK)
        try #require(cg_vault_grow(state.lua, 2) == CG_OK)
        #expect(cg_vault_push(state.lua, 1) == CG_TNUMBER)
        #expect(cg_vault_push(state.lua, 500) == CG_TBOOLEAN)
        cg_set_top(state.lua, 0)
    }

    @Test func storingPushingAndClearingNeedNoMemory() throws {
        try #require(cg_vault_grow(state.lua, 100) == CG_OK)
        #expect(cg_collect(state.lua) == CG_OK)
        let before = cg_memory_of(state.lua).allocations
        cg_fail_allocations(state.lua, 1)
        for slot in Int64(1)...100 {
            cg_push_integer(state.lua, slot)
            cg_vault_store(state.lua, slot)
            #expect(cg_vault_push(state.lua, slot) == CG_TNUMBER)
            cg_vault_clear(state.lua, slot)
            cg_set_top(state.lua, 0)
        }
        cg_fail_allocations(state.lua, 0)
        #expect(cg_memory_of(state.lua).allocations == before)
    }

    @Test func whatIsHeldSurvivesCollectionAndWhatIsClearedDoesNot() throws {
        try #require(cg_vault_grow(state.lua, 1) == CG_OK)
        try state.run("weak = setmetatable({}, {__mode = 'v'}) weak[1] = {}")
        try state.load("return weak[1]")
        try #require(cg_call(state.lua, 0, 1) == CG_OK)
        cg_vault_store(state.lua, 1)
        #expect(cg_collect(state.lua) == CG_OK)
        #expect(try state.run("return weak[1] ~= nil") == "true")
        cg_vault_clear(state.lua, 1)
        #expect(cg_collect(state.lua) == CG_OK)
        #expect(try state.run("return weak[1]") == "nil")
    }
}
