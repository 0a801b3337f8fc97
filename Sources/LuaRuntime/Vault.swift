import CGreen

/// Lua values that Swift holds, by number. Storing and reading never allocate; making room does.
public final class Vault {
    private let stack: LuaStack
    private var free: [Int32] = []
    private var count: Int32 = 0
    private var isClosed = false

    init(_ stack: LuaStack) { self.stack = stack }

    func close() { isClosed = true }

    /// How many values are held.
    public var heldCount: Int { Int(count) - free.count }

    /// A number for a value to come.
    /// - Throws: when the state's memory does not suffice; the error value is on top of the main stack.
    public func reserve() throws(LuaFailure) -> Int32 {
        if let slot = free.popLast() { return slot }
        let more = max(16, count)
        let status = cg_vault_grow(stack.pointer, Int64(count + more))
        if status != CG_OK { throw LuaFailure(status: status) }
        free.append(contentsOf: ((count + 1)...(count + more)).reversed())
        count += more
        return free.removeLast()
    }

    /// The same for a native on another stack: the error value is on top of that one.
    public func reserve(reporting other: LuaStack) throws(LuaFailure) -> Int32 {
        do {
            return try reserve()
        } catch {
            if other.pointer != stack.pointer { stack.move(1, to: other) }
            throw error
        }
    }

    /// Takes the top value of a stack under a reserved number.
    @inlinable
    public func store(_ slot: Int32, from stack: LuaStack) { cg_vault_store(stack.pointer, Int64(slot)) }

    /// Pushes the value held under a number.
    @inlinable
    public func push(_ slot: Int32, on stack: LuaStack) { _ = cg_vault_push(stack.pointer, Int64(slot)) }

    /// Gives the number back, and the value up.
    public func release(_ slot: Int32) {
        if isClosed { return }
        cg_vault_clear(stack.pointer, Int64(slot))
        free.append(slot)
    }
}
