import CGreen

/// A view of one coroutine's stack: what natives and conversions read and push.
///
/// Loop thread only, and only while the frame it was made for lasts. Indexes are those of the Lua manual (4.1):
/// positive from the bottom of the running function, negative from the top. Nothing here raises a Lua error; what
/// can run out of memory throws, with the error value left on top of the stack.
public struct LuaStack {
    /// The coroutine.
    public let pointer: OpaquePointer

    /// A view of this coroutine.
    @inlinable
    public init(_ pointer: OpaquePointer) { self.pointer = pointer }

    /// How many values the running function has on the stack.
    @inlinable public var top: Int32 { cg_top(pointer) }

    /// Cuts or fills (with nil) the stack to `count` values.
    @inlinable
    public func setTop(_ count: Int32) { cg_set_top(pointer, count) }

    /// Takes `count` values off.
    @inlinable
    public func pop(_ count: Int32 = 1) { cg_set_top(pointer, -count - 1) }

    /// Makes room for `count` more values; false when there is none.
    @inlinable
    public func reserve(_ count: Int32) -> Bool { cg_reserve(pointer, count) }

    /// Moves the top `count` values to another coroutine of the same state.
    @inlinable
    public func move(_ count: Int32, to other: LuaStack) { cg_move(pointer, other.pointer, count) }

    /// Moves the top value to `index`, shifting up what is there.
    @inlinable
    public func insert(at index: Int32) { cg_insert(pointer, index) }

    /// Takes out the value at `index`.
    @inlinable
    public func remove(at index: Int32) { cg_remove(pointer, index) }

    /// Moves the top value over the one at `index`.
    @inlinable
    public func replace(at index: Int32) { cg_replace(pointer, index) }
}

/// Reading.
extension LuaStack {
    /// The type of the value at an index; `.none` where there is no value.
    @inlinable
    public func type(at index: Int32) -> LuaType { LuaType(rawValue: cg_type(pointer, index)) ?? .none }

    /// The type's name as error messages write it.
    public func typeName(at index: Int32) -> String {
        String(cString: cg_type_name(pointer, index))
    }

    /// Whether there is nothing, or nil, at an index.
    @inlinable
    public func isNil(at index: Int32) -> Bool { cg_type(pointer, index) <= CG_TNIL }

    /// False for nil and false, true for all else.
    @inlinable
    public func boolean(at index: Int32) -> Bool { cg_to_boolean(pointer, index) }

    /// The integer at an index, also from a float with an integral value; strings are not converted.
    @inlinable
    public func integer(at index: Int32) -> Int? {
        var value: Int64 = 0
        return cg_to_integer(pointer, index, &value) ? Int(value) : nil
    }

    /// The number at an index; strings are not converted.
    @inlinable
    public func number(at index: Int32) -> Double? {
        var value = 0.0
        return cg_to_number(pointer, index, &value) ? value : nil
    }

    /// Whether the value is a number of the integer subtype.
    @inlinable
    public func isInteger(at index: Int32) -> Bool { cg_is_integer(pointer, index) }

    /// The bytes of the string at an index, valid while the value stays on the stack; nil for any other type.
    @inlinable
    public func bytes(at index: Int32) -> UnsafeRawBufferPointer? {
        var count = 0
        guard let start = cg_bytes(pointer, index, &count) else { return nil }
        return UnsafeRawBufferPointer(start: start, count: count)
    }

    /// The string at an index; invalid UTF-8 is repaired. nil for any other type.
    public func string(at index: Int32) -> String? {
        bytes(at: index).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Where the table, function, string, userdata or coroutine at an index is; nil for anything else.
    public func identity(of index: Int32) -> UnsafeRawPointer? { cg_pointer(pointer, index) }

    /// Whether two values are the same without asking metamethods.
    @inlinable
    public func rawEqual(_ one: Int32, _ other: Int32) -> Bool { cg_raw_equal(pointer, one, other) }

    /// The payload of an object of `definition` at an index, or nil.
    @inlinable
    public func object(at index: Int32, of definition: ClassDefinition) -> UnsafeMutableRawPointer? {
        cg_object(pointer, index, definition.pointer)
    }

    /// Whether the value at an index can be called: a function, or something with `__call`.
    public func isCallable(at index: Int32) -> Bool {
        if type(at: index) == .function { return true }
        let before = top
        defer { setTop(before) }
        // Only tables and userdata with a metatable field answer; a failed read is no.
        guard type(at: index) == .table || type(at: index) == .userdata else { return false }
        return hasMetafield("__call", at: index)
    }

    /// Whether the value at an index has a metatable with this field.
    public func hasMetafield(_ name: String, at index: Int32) -> Bool { cg_has_metafield(pointer, index, name) }
}

/// Pushing what needs no memory.
extension LuaStack {
    /// Pushes nil.
    @inlinable
    public func pushNil() { cg_push_nil(pointer) }

    /// Pushes a boolean.
    @inlinable
    public func push(_ value: Bool) { cg_push_boolean(pointer, value) }

    /// Pushes an integer.
    @inlinable
    public func push(_ value: Int) { cg_push_integer(pointer, Int64(value)) }

    /// Pushes a float.
    @inlinable
    public func push(_ value: Double) { cg_push_number(pointer, value) }

    /// Pushes the value at `index` once more.
    @inlinable
    public func pushCopy(of index: Int32) { cg_push_copy(pointer, index) }

    /// Pushes the globals table.
    @inlinable
    public func pushGlobals() { cg_push_globals(pointer) }

    /// Pushes upvalue `number` (from 1) of the running native.
    @inlinable
    public func pushUpvalue(_ number: Int32) { _ = cg_push_upvalue(pointer, number) }

    /// Pushes the user value of the userdata at `index`.
    @inlinable
    public func pushUserValue(_ number: Int32, of index: Int32) { cg_get_user_value(pointer, index, number) }

    /// Takes the top value as a user value of the userdata at `index`.
    @inlinable
    public func setUserValue(_ number: Int32, of index: Int32) { cg_set_user_value(pointer, index, number) }

    /// Pushes `table[index]` without metamethods.
    @inlinable
    public func pushRaw(index: Int, of table: Int32) { _ = cg_raw_get_index(pointer, table, Int64(index)) }

    /// `table[position] = top` for a slot that exists already (`pushFilled` made it), taken off; never allocates.
    @inlinable
    public func putRaw(position: Int, in table: Int32) { cg_raw_put(pointer, table, Int64(position)) }

    /// The border of the table at `index` without metamethods (`#` of the manual, 3.4.7).
    @inlinable
    public func rawLength(of index: Int32) -> Int { Int(cg_raw_length(pointer, index)) }
}
