import LuaRuntime
import Testing

@testable import Green

@Suite struct StoredValuesTests {
    @Test func simpleValuesNeedNoRoomInTheVault() throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        let before = vault.heldCount
        let pushes: [(LuaStack) -> Void] = [
            { $0.pushNil() }, { $0.push(true) }, { $0.push(false) }, { $0.push(7) }, { $0.push(1.5) }, { $0.push(2.0) },
        ]
        for push in pushes {
            var values = StoredValues()
            push(stack)
            try values.store(1, from: stack, vault: vault)
            #expect(values.push(on: stack, vault: vault) == 1)
            #expect(stack.rawEqual(-1, -2))
            #expect(stack.isInteger(at: -1) == stack.isInteger(at: -2))
            stack.pop(2)
        }
        #expect(vault.heldCount == before)
    }

    @Test func noValuesAreNone() throws {
        let green = try GreenFixture()
        var values = StoredValues()
        try values.store(0, from: green.stack, vault: green.scheduler.lua.vault)
        #expect(values.push(on: green.stack, vault: green.scheduler.lua.vault) == 0)
        #expect(green.stack.top == 0)
    }

    @Test func oneObjectIsHeldUntilReleased() throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        let before = vault.heldCount
        var values = StoredValues()
        try stack.pushTable()
        try values.store(1, from: stack, vault: vault)
        #expect(vault.heldCount == before + 1)
        #expect(values.push(on: stack, vault: vault) == 1)
        #expect(stack.rawEqual(-1, -2))
        stack.pop(2)
        values.release(vault)
        values.release(vault)
        #expect(vault.heldCount == before)
    }

    @Test(arguments: [2, 3, 100, 5_000])
    func severalValuesComeBackInOrder(count: Int) throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        #expect(stack.reserve(Int32(count) + 1))
        for value in 1...count { if value == 2 { stack.pushNil() } else { stack.push(value) } }
        var values = StoredValues()
        try values.store(Int32(count), from: stack, vault: vault)
        stack.pop(Int32(count))
        #expect(values.push(on: stack, vault: vault) == Int32(count))
        #expect(stack.integer(at: 1) == 1)
        #expect(stack.isNil(at: 2))
        if count > 2 { #expect(stack.integer(at: Int32(count)) == count) }
        stack.setTop(0)
        values.release(vault)
    }

    @Test func moreThanTheStackTakesIsRefusedNotOverrun() throws {
        let green = try GreenFixture()
        // Ten thousand values fit into the job's stack, but not below a stack that is nearly full.
        let text = try green.run(
            """
            local values = {}
            for i = 1, 10000 do values[i] = i end
            local future = green.spawn(function() return table.unpack(values) end)
            wait(future)
            local function fill(...)
              return pcall(future.result, future)
            end
            local filler = {}
            for i = 1, 990000 do filler[i] = 0 end
            local ok, err = pcall(function() return select('#', fill(table.unpack(filler))) end)
            return select('#', future:result())
            """)
        #expect(text == "10000")
    }

    @Test func whereMemoryRunsOutNothingIsHeld() throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        let before = vault.heldCount
        stack.push(1)
        stack.push(2)
        green.scheduler.lua.failAllocations(after: 1)
        var values = StoredValues()
        #expect(throws: LuaFailure.self) { try values.store(2, from: stack, vault: vault) }
        green.scheduler.lua.failAllocations(after: 0)
        #expect(stack.top == 3)
        #expect(vault.heldCount == before)
        stack.setTop(0)
    }
}
