import CGreen
import Testing

/// An error a script raised, as text.
struct ScriptError: Error, CustomStringConvertible {
    let description: String
}

/// A Lua state for one test; it fails the test when closing leaves memory behind.
final class TestState {
    let lua: OpaquePointer
    private var isClosed = false

    static let allLibraries = Int32(
        CG_LIB_BASE | CG_LIB_COROUTINE | CG_LIB_TABLE | CG_LIB_STRING | CG_LIB_MATH | CG_LIB_UTF8 | CG_LIB_PACKAGE
            | CG_LIB_IO | CG_LIB_OS | CG_LIB_DEBUG)

    init(libraries: Int32 = allLibraries) throws {
        lua = try #require(cg_open(nil))
        try #require(cg_open_libraries(lua, libraries) == CG_OK)
    }

    deinit { close() }

    func close() {
        if isClosed { return }
        isClosed = true
        let left = cg_close(lua)
        #expect(left == 0, "bytes left behind by cg_close")
    }

    var top: Int32 { cg_top(lua) }

    /// The values of `return …` as `tostring` gives them, with ", " between.
    @discardableResult
    func run(_ source: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> String {
        let before = top
        defer { cg_set_top(lua, before) }
        try load(source)
        guard cg_call(lua, 0, -1) == CG_OK else {
            #expect(top == before + 2, "a failed cg_call leaves two values", sourceLocation: sourceLocation)
            throw ScriptError(description: describe(-2))
        }
        return (0..<(top - before)).map { describe(before + 1 + $0) }.joined(separator: ", ")
    }

    /// The function of a chunk on top.
    func load(_ source: String, on stack: OpaquePointer? = nil) throws {
        let stack = stack ?? lua
        var text = source
        let status = text.withUTF8 { cg_load(stack, $0.baseAddress, $0.count, "=test") }
        guard status == CG_OK else {
            defer { cg_set_top(stack, -2) }
            throw ScriptError(description: describe(-1, on: stack))
        }
    }

    /// What `tostring` gives for the value at an index.
    func describe(_ index: Int32, on stack: OpaquePointer? = nil) -> String {
        let stack = stack ?? lua
        let status = cg_describe(stack, index)
        defer { cg_set_top(stack, -2) }
        return status == CG_OK ? text(-1, on: stack) ?? "?" : "?"
    }

    /// The bytes of the string at an index.
    func text(_ index: Int32, on stack: OpaquePointer? = nil) -> String? {
        var count = 0
        guard let start = cg_bytes(stack ?? lua, index, &count) else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func push(_ text: String) throws {
        var text = text
        let status = text.withUTF8 { cg_push_bytes(lua, $0.baseAddress, $0.count) }
        try #require(status == CG_OK)
    }

    /// Takes the top value as a global.
    func setGlobal(_ name: String) throws {
        cg_push_globals(lua)
        cg_insert(lua, -2)
        try #require(cg_set_field(lua, -2, name) == CG_OK)
        cg_set_top(lua, -2)
    }

    /// Makes a native a global function.
    func setGlobal(_ name: String, _ native: UnsafePointer<cg_native>) throws {
        try #require(cg_push_native(lua, native, 0) == CG_OK)
        try setGlobal(name)
    }
}
