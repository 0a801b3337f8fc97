import LuaRuntime
import Testing

@testable import Green

@Suite struct ValueRingTests {
    @Test func valuesOfGroupsComeOutInOrder() throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        var ring = ValueRing()
        var (put, taken) = (0, 0)
        // Groups of changing sizes, so that the ring grows while it is wrapped around.
        for round in 1...200 {
            for _ in 0..<(round % 7) {
                put += 1
                stack.push(put)
            }
            try ring.append(Int32(round % 7), from: stack, vault: vault)
            let count = min(ring.count, round % 5)
            ring.take(Int32(count), to: stack, vault: vault)
            for position in 0..<count {
                taken += 1
                #expect(stack.integer(at: Int32(position - count)) == taken)
            }
            stack.pop(Int32(count))
            #expect(ring.count == put - taken)
        }
        #expect(stack.top == 0)
        ring.release(vault)
    }

    @Test func droppedValuesAreSkipped() throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        var ring = ValueRing()
        for value in 1...5 { stack.push(value) }
        try ring.append(5, from: stack, vault: vault)
        ring.drop(3, on: stack, vault: vault)
        ring.take(1, to: stack, vault: vault)
        #expect(stack.integer(at: -1) == 4)
        #expect(ring.count == 1)
        stack.pop()
        ring.release(vault)
    }

    @Test func nilIsAValueHere() throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        var ring = ValueRing()
        stack.pushNil()
        stack.push(1)
        stack.pushNil()
        try ring.append(3, from: stack, vault: vault)
        ring.take(3, to: stack, vault: vault)
        #expect(stack.isNil(at: -3) && stack.integer(at: -2) == 1 && stack.isNil(at: -1))
        stack.pop(3)
        ring.release(vault)
    }

    @Test func releaseGivesTheTableUp() throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        let before = vault.heldCount
        var ring = ValueRing()
        stack.push(1)
        try ring.append(1, from: stack, vault: vault)
        #expect(vault.heldCount == before + 1)
        ring.release(vault)
        #expect(vault.heldCount == before)
        #expect(ring.count == 0)
    }

    @Test func whereMemoryRunsOutTheRingStaysAsItWas() throws {
        let green = try GreenFixture()
        let (stack, vault) = (green.stack, green.scheduler.lua.vault)
        var ring = ValueRing()
        for value in 1...16 { stack.push(value) }
        try ring.append(16, from: stack, vault: vault)
        stack.push(17)
        green.scheduler.lua.failAllocations(after: 1)
        #expect(throws: LuaFailure.self) { try ring.append(1, from: stack, vault: vault) }
        green.scheduler.lua.failAllocations(after: 0)
        #expect(stack.string(at: -1) == "not enough memory")
        stack.pop()
        try ring.append(1, from: stack, vault: vault)
        ring.take(16, to: stack, vault: vault)
        #expect(stack.integer(at: 1) == 1 && stack.integer(at: 16) == 16)
        stack.pop(16)
        ring.take(1, to: stack, vault: vault)
        #expect(stack.integer(at: -1) == 17)
        stack.pop()
        ring.release(vault)
    }
}
