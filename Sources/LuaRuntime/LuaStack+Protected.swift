import CGreen

/// An operation failed; the error value is on top of the stack. Natives answer `Native.raise`.
public struct LuaFailure: Error {
    /// Out of memory: the state's limit, or the machine's.
    public let isMemory: Bool

    /// Out of memory, or of stack.
    public static let memory = LuaFailure(status: Int32(CG_ERRMEM))
    /// Some other error, on top of the stack.
    public static let value = LuaFailure(status: Int32(CG_ERRRUN))

    @inlinable
    init(status: Int32) { isMemory = status == CG_ERRMEM }
}

/// What allocates or runs metamethods: each call is protected and throws with the error value on top of the stack.
extension LuaStack {
    @inlinable
    func check(_ status: Int32) throws(LuaFailure) {
        if status != CG_OK { throw LuaFailure(status: status) }
    }

    /// Pushes a string of these bytes.
    @inlinable
    public func push(bytes: UnsafeRawBufferPointer) throws(LuaFailure) {
        try check(cg_push_bytes(pointer, bytes.baseAddress, bytes.count))
    }

    /// Pushes a string of the text's UTF-8 bytes.
    public func push(_ text: String) throws(LuaFailure) {
        var text = text
        let status = text.withUTF8 { cg_push_bytes(pointer, $0.baseAddress, $0.count) }
        try check(status)
    }

    /// Pushes a literal's bytes.
    @inlinable
    public func push(_ text: StaticString) throws(LuaFailure) {
        try check(cg_push_bytes(pointer, text.utf8Start, text.utf8CodeUnitCount))
    }

    /// Pushes an empty table with room for that many list items and fields.
    public func pushTable(items: Int = 0, fields: Int = 0) throws(LuaFailure) {
        try check(cg_new_table(pointer, Int32(clamping: items), Int32(clamping: fields)))
    }

    /// Pushes a table whose slots 1...count exist and hold false, for `putRaw`.
    public func pushFilled(_ count: Int) throws(LuaFailure) { try check(cg_new_filled(pointer, Int32(count))) }

    /// Pushes `value[name]`; metamethods count.
    public func pushField(_ name: String, of index: Int32) throws(LuaFailure) {
        try check(cg_get_field(pointer, index, name))
    }

    /// Pushes the field of a table as far as it is there, or in tables that `__index` names: no metamethod runs.
    /// - Returns: false when one would have been asked; nil is pushed then.
    public func findField(_ name: String, of index: Int32) throws(LuaFailure) -> Bool {
        var asks = false
        try check(cg_find_field(pointer, index, name, &asks))
        return !asks
    }

    /// Whether the value's text is made by code of a script.
    public func textAsksScript(of index: Int32) -> Bool { cg_text_asks(pointer, index) }

    /// `value[name] = top`, taken off; metamethods count.
    public func setField(_ name: String, of index: Int32) throws(LuaFailure) {
        try check(cg_set_field(pointer, index, name))
    }

    /// Replaces the key on top by `value[key]`; metamethods count.
    public func get(from index: Int32) throws(LuaFailure) { try check(cg_get(pointer, index)) }

    /// `value[key] = top` with key and value on top, both taken off; metamethods count.
    public func set(in index: Int32) throws(LuaFailure) { try check(cg_set(pointer, index)) }

    /// The same without metamethods.
    public func rawSet(in index: Int32) throws(LuaFailure) { try check(cg_raw_set(pointer, index)) }

    /// `table[position] = top` without metamethods, taken off.
    public func rawSet(position: Int, in index: Int32) throws(LuaFailure) {
        try check(cg_raw_set_index(pointer, index, Int64(position)))
    }

    /// Replaces the key on top by the next pair of the table at `index`; false, with the key gone, at the end.
    public func next(of index: Int32) throws(LuaFailure) -> Bool {
        var more = false
        try check(cg_next(pointer, index, &more))
        return more
    }

    /// Pushes the value as text, as `tostring` gives it.
    public func pushDescription(of index: Int32) throws(LuaFailure) { try check(cg_describe(pointer, index)) }

    /// The value as text, as `tostring` gives it; never fails.
    public func description(of index: Int32) -> String {
        let before = top
        defer { setTop(before) }
        guard (try? pushDescription(of: index)) != nil else {
            setTop(before)  // The failure's error value would be what -1 means.
            return "(\(typeName(at: index)) without a text)"
        }
        return string(at: -1) ?? ""
    }

    /// The calls that the error at an index has left by now, as a traceback has them; empty where none are known.
    public func callsLeft(byErrorAt index: Int32) -> String {
        var text: UnsafePointer<CChar>?
        let length = cg_noted(pointer, index, &text)
        return String(decoding: UnsafeRawBufferPointer(start: text, count: length), as: UTF8.self)
    }

    /// A full collection; finalizers run. For natives, whose coroutine this is.
    public func collectGarbage() { _ = cg_collect(pointer) }

    /// The traceback of another coroutine of this state as text, through the coroutines inside it; never fails.
    public func traceback(of other: LuaStack, level: Int32 = 0) -> String {
        let before = top
        defer { setTop(before) }
        guard cg_traceback(pointer, other.pointer, level) == CG_OK else { return "(no memory for a traceback)" }
        return string(at: -1) ?? ""
    }

    /// Pushes a closure of `native` over the top `count` values.
    public func push(_ native: Native, upvalues count: Int32 = 0) throws(LuaFailure) {
        try check(cg_push_native(pointer, native.pointer, count))
    }

    /// Pushes a new object with `size` zeroed bytes, and answers their address.
    public func pushObject(
        of definition: ClassDefinition, size: Int, userValues: Int32 = 0
    ) throws(LuaFailure) -> UnsafeMutableRawPointer {
        var payload: UnsafeMutableRawPointer?
        let status = cg_new_object(pointer, definition.pointer, size, userValues, &payload)
        guard let payload else { throw LuaFailure(status: status) }
        return payload
    }

    /// Pushes the table of a registered class's methods, for adding some that are written in Lua.
    public func pushMembers(of definition: ClassDefinition) throws(LuaFailure) {
        cg_push_metatable(pointer, definition.pointer)
        let status = cg_get_field(pointer, -1, "members")
        cg_remove(pointer, -2)
        try check(status)
    }

    /// Pushes what a C module gives, which is looked for where Lua was built to, and needs no package library.
    /// - Parameters:
    ///   - file: its name without folder and ending: "cjson".
    ///   - opener: its function: "luaopen_cjson".
    public func pushModule(file: String, opener: String) throws(LuaFailure) {
        try check(cg_open_c_module(pointer, file, opener))
    }

    /// Pushes the table of functions that the chunk which sets a sandbox up is given; not for scripts.
    public func pushSandbox() throws(LuaFailure) { try check(cg_push_sandbox(pointer)) }

    /// Pushes a new coroutine.
    public func pushThread() throws(LuaFailure) -> LuaStack {
        try check(cg_new_thread(pointer))
        guard let thread = cg_to_thread(pointer, -1) else { fatalError("bug: a new coroutine is no coroutine") }
        return LuaStack(thread)
    }

    /// "file:line" of the innermost Lua function running on this coroutine, or on one inside it; empty where there is
    /// none.
    public var location: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            cg_where(pointer, start, 128)
            return String(cString: start)
        }
    }

    /// "file:line" where the outermost Lua function running on this coroutine was defined; empty where none runs.
    public var outermostDefinition: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            cg_where_begun(pointer, start, 128)
            return String(cString: start)
        }
    }

    /// "file:line" where the function at an index was defined; empty for no function.
    public func definition(of index: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            cg_where_defined(pointer, index, start, 128)
            return String(cString: start)
        }
    }
}
