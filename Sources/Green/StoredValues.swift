import LuaRuntime

/// Lua values kept outside any stack: none, one, or several. Simple ones need no room in Lua.
struct StoredValues {
    private enum Form {
        case none
        case `nil`
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        /// One value in the vault.
        case held(Int32)
        /// A list of `count` values in the vault.
        case list(Int32, count: Int32)
    }

    private var form = Form.none

    /// Takes copies of the top `count` values of a stack, which stay there.
    /// - Throws: out of memory; the error value is on top of the stack.
    mutating func store(_ count: Int32, from stack: LuaStack, vault: Vault) throws(LuaFailure) {
        switch count {
        case 0: form = .none
        case 1: form = try Self.one(from: stack, vault: vault)
        default: form = try Self.several(count, from: stack, vault: vault)
        }
    }

    private static func one(from stack: LuaStack, vault: Vault) throws(LuaFailure) -> Form {
        switch stack.type(at: -1) {
        case .none, .nil: return .nil
        case .boolean: return .boolean(stack.boolean(at: -1))
        case .number:
            if stack.isInteger(at: -1), let value = stack.integer(at: -1) { return .integer(value) }
            if let value = stack.number(at: -1) { return .number(value) }
            return .nil
        default:
            let slot = try vault.reserve(reporting: stack)
            stack.pushCopy(of: -1)
            vault.store(slot, from: stack)
            return .held(slot)
        }
    }

    private static func several(_ count: Int32, from stack: LuaStack, vault: Vault) throws(LuaFailure) -> Form {
        let slot = try vault.reserve(reporting: stack)
        do {
            try stack.pushFilled(Int(count))
        } catch {
            vault.release(slot)
            throw error
        }
        for position in 0..<count {
            stack.pushCopy(of: -1 - count + position)
            stack.putRaw(position: Int(position) + 1, in: -2)
        }
        vault.store(slot, from: stack)
        return .list(slot, count: count)
    }

    /// Pushes the values; answers how many, or nil when the stack has no room for them.
    func push(on stack: LuaStack, vault: Vault) -> Int32? {
        switch form {
        case .none: return 0
        case .nil: stack.pushNil()
        case .boolean(let value): stack.push(value)
        case .integer(let value): stack.push(value)
        case .number(let value): stack.push(value)
        case .held(let slot): vault.push(slot, on: stack)
        case .list(let slot, let count):
            guard stack.reserve(count + 1) else { return nil }
            vault.push(slot, on: stack)
            for position in 0..<count { stack.pushRaw(index: Int(position) + 1, of: -1 - position) }
            stack.remove(at: -1 - count)
            return count
        }
        return 1
    }

    /// Gives up what the vault holds.
    mutating func release(_ vault: Vault) {
        switch form {
        case .held(let slot), .list(let slot, _): vault.release(slot)
        default: break
        }
        form = .none
    }
}
