import LuaRuntime

/// Lua values in line, first in first out, in one Lua table. Taking never allocates; adding does when it must grow.
struct ValueRing {
    private var slot: Int32 = 0
    private var capacity = 0
    private var first = 0
    /// How many values are in line.
    private(set) var count = 0

    /// Appends the top `values` values of a stack, in order, and takes them off.
    /// - Throws: out of memory; the error value is on top, the values still below it.
    mutating func append(_ values: Int32, from stack: LuaStack, vault: Vault) throws(LuaFailure) {
        if count + Int(values) > capacity { try grow(to: count + Int(values), on: stack, vault: vault) }
        guard stack.reserve(2) else {
            stack.pushNil()
            throw LuaFailure.memory
        }
        vault.push(slot, on: stack)
        for offset in 0..<Int(values) {
            stack.pushCopy(of: -1 - values + Int32(offset))
            stack.putRaw(position: (first + count + offset) % capacity + 1, in: -2)
        }
        stack.pop(values + 1)
        count += Int(values)
    }

    /// Moves the `values` longest in line to the top of a stack, in order; the caller made room.
    mutating func take(_ values: Int32, to stack: LuaStack, vault: Vault) {
        vault.push(slot, on: stack)
        let table = stack.top
        for _ in 0..<values {
            stack.pushRaw(index: first + 1, of: table)
            stack.push(false)
            stack.putRaw(position: first + 1, in: table)
            first = (first + 1) % capacity
        }
        count -= Int(values)
        stack.remove(at: table)
    }

    /// Drops the values longest in line.
    mutating func drop(_ values: Int32, on stack: LuaStack, vault: Vault) {
        take(values, to: stack, vault: vault)
        stack.pop(values)
    }

    private mutating func grow(to needed: Int, on stack: LuaStack, vault: Vault) throws(LuaFailure) {
        var larger = max(16, capacity)
        while larger < needed { larger *= 2 }
        if slot == 0 { slot = try vault.reserve(reporting: stack) }
        try stack.pushFilled(larger)
        if capacity > 0 {
            vault.push(slot, on: stack)
            for offset in 0..<count {
                stack.pushRaw(index: (first + offset) % capacity + 1, of: -1)
                stack.putRaw(position: offset + 1, in: -3)
            }
            stack.pop()
        }
        vault.store(slot, from: stack)
        capacity = larger
        first = 0
    }

    /// Gives the table up.
    mutating func release(_ vault: Vault) {
        if slot != 0 { vault.release(slot) }
        slot = 0
        capacity = 0
        count = 0
        first = 0
    }
}
