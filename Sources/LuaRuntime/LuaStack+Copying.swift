import CGreen

/// How much is copied out of a state at once. One string of a script may stand in a table a million times: that takes
/// nothing of what its limit counts, and as many copies as there are places would take the whole process.
extension LuaStack {
    /// Whether a string of so many bytes may be within the memory limit: to be asked before its bytes are put together.
    public func hasRoom(for bytes: Int) -> Bool { cg_has_room(pointer, bytes) }

    /// Most bytes of a script's tables that may be copied at once: 64 MiB where the state has a memory limit.
    public var mostCopied: Int { cg_memory_of(pointer).limit == 0 ? .max : Int(CG_MOST_CONVERTED) }

    /// Reads a table: what is read inside of it counts together.
    func converting<Value>(_ read: () throws(LuaMismatch) -> Value) throws(LuaMismatch) -> Value {
        cg_begin_conversion(pointer)
        defer { cg_end_conversion(pointer) }
        return try read()
    }

    /// Counts what a conversion copies.
    func convert(bytes: Int) throws(LuaMismatch) {
        if !cg_convert(pointer, bytes) { throw LuaMismatch(expected: "data of at most 64 MiB", got: "more") }
    }

    /// Counts one place of a table: what it takes in Swift, and the time to read it.
    func convert<Element>(elementOf type: Element.Type) throws(LuaMismatch) {
        try convert(bytes: MemoryLayout<Element>.stride + 32)
    }
}
