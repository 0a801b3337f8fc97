import CGreen
import Testing

/// Values that are raised by metamethods, and what comes out of the protected operations.
@Suite struct ProtectedTests {
    let state: TestState

    init() throws {
        state = try TestState()
        try state.load(
            """
            return setmetatable({1, 2, name = "n"}, {
              __index = function(_, k) error("index " .. tostring(k), 0) end,
              __newindex = function(_, k) error("newindex " .. tostring(k), 0) end,
              __tostring = function() error("tostring", 0) end})
            """)
        try #require(cg_call(state.lua, 0, 1) == CG_OK)
    }

    /// The table is at index 1; the operation must leave it and one error above.
    private func expectError(_ text: String, _ status: Int32, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(status == CG_ERRRUN, sourceLocation: sourceLocation)
        #expect(state.top == 2, sourceLocation: sourceLocation)
        #expect(state.text(-1) == text, sourceLocation: sourceLocation)
        cg_set_top(state.lua, 1)
    }

    @Test func metamethodsThatRaiseLeaveOneErrorValue() throws {
        expectError("index x", cg_get_field(state.lua, 1, "x"))
        cg_push_integer(state.lua, 5)
        expectError("index 5", cg_get(state.lua, 1))
        cg_push_integer(state.lua, 1)
        expectError("newindex y", cg_set_field(state.lua, -2, "y"))
        cg_push_integer(state.lua, 9)
        cg_push_integer(state.lua, 1)
        expectError("newindex 9", cg_set(state.lua, -3))
        expectError("tostring", cg_describe(state.lua, -1))
        cg_push_nil(state.lua)
        cg_push_nil(state.lua)
        expectError("bad argument #3 to '?' (table index is nil)", cg_raw_set(state.lua, 1))
        cg_push_boolean(state.lua, true)
        var more = true
        #expect(cg_next(state.lua, 1, &more) == CG_ERRRUN)
        #expect(!more)
        cg_set_top(state.lua, 1)
    }

    @Test func rawAccessAsksNoMetamethod() throws {
        cg_push_integer(state.lua, 1)
        #expect(cg_raw_set_index(state.lua, 1, 50) == CG_OK)
        #expect(cg_raw_get_index(state.lua, 1, 50) == CG_TNUMBER)
        #expect(cg_raw_get_index(state.lua, 1, 51) == CG_TNIL)
        #expect(cg_raw_length(state.lua, 1) == 2)
        #expect(cg_has_metafield(state.lua, 1, "__index"))
        #expect(!cg_has_metafield(state.lua, 1, "__call"))
        #expect(state.top == 3)
    }

    @Test func nextVisitsEveryPairOnce() throws {
        var seen: [String] = []
        var more = true
        cg_push_nil(state.lua)
        while cg_next(state.lua, 1, &more) == CG_OK, more {
            seen.append("\(state.describe(-2))=\(state.describe(-1))")
            cg_set_top(state.lua, -2)
        }
        #expect(seen.sorted() == ["1=1", "2=2", "name=n"])
        #expect(state.top == 1)
    }

    @Test func aSyntaxErrorIsNoRuntimeError() throws {
        #expect(cg_load(state.lua, "x = = 1", 7, "=chunk") == CG_ERRSYNTAX)
        #expect(state.text(-1) == "chunk:1: unexpected symbol near '='")
        #expect(state.top == 2)
    }

    @Test func binaryChunksAreRefused() throws {
        try state.run("binary = string.dump(function() end)")
        try state.load("return binary")
        try #require(cg_call(state.lua, 0, 1) == CG_OK)
        var count = 0
        let bytes = cg_bytes(state.lua, -1, &count)
        #expect(cg_load(state.lua, bytes, count, "=binary") == CG_ERRSYNTAX)
        #expect(state.text(-1)?.contains("binary chunk") == true)
    }

    @Test func aFailedCallLeavesTheErrorAndItsTraceback() throws {
        try state.load("local function inner() error({}, 0) end\ninner()")
        #expect(cg_call(state.lua, 0, 3) == CG_ERRRUN)
        #expect(state.top == 3)
        #expect(cg_type(state.lua, -2) == CG_TTABLE)
        let traceback = try #require(state.text(-1))
        #expect(traceback.contains("test:1:") && traceback.contains("test:2:"))
    }

    @Test func closeMetamethodsSeeTheErrorItself() throws {
        try state.load(
            "local guard <close> = setmetatable({}, {__close = function(_, e) seen = e end})\nerror('plain', 0)")
        #expect(cg_call(state.lua, 0, 0) == CG_ERRRUN)
        #expect(state.text(-2) == "plain")
        #expect(try state.run("return seen") == "plain")
    }

    @Test func tracebacksOfNestedFailuresAreTheirOwn() throws {
        try state.setGlobal(
            "nested",
            TestNative.make("nested") { lua in
                let source = "error('inner')"
                guard cg_load(lua, source, source.utf8.count, "=nested") == CG_OK else { return -1 }
                guard cg_call(lua, 0, 0) == CG_ERRRUN else { return -1 }
                return 2
            })
        try state.load("local error1, trace1 = nested() text = trace1\nerror(error1, 0)")
        #expect(cg_call(state.lua, 0, 0) == CG_ERRRUN)
        #expect(state.text(-2) == "nested:1: inner")
        let outer = try #require(state.text(-1))
        #expect(outer.contains("test:2:") && !outer.contains("nested:1"))
        #expect(try state.run("return (text:find('nested:1', 1, true)) ~= nil") == "true")
    }

    @Test func aTracebackShowsWhereAGreenStands() throws {
        try state.setGlobal("park", TestNative.park())
        let green = try TestGreen(state)
        #expect(try green.step("local function deep() return park() end\nreturn (deep())") == .parked)
        #expect(cg_traceback(state.lua, green.thread, 0) == CG_OK)
        let text = try #require(state.text(-1))
        #expect(text.contains("test:2:"))
        var buffer = [CChar](repeating: 1, count: 64)
        cg_where(green.thread, &buffer, 64)
        #expect(String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) == "test:1")
        #expect(try green.step() == .done("nil"))
    }

    @Test func whereAFunctionWasDefined() throws {
        var buffer = [CChar](repeating: 1, count: 64)
        func place() -> String {
            cg_where_defined(state.lua, -1, &buffer, 64)
            return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        }
        try state.load("\nreturn function() end")
        try #require(cg_call(state.lua, 0, 1) == CG_OK)
        #expect(place() == "test:2")
        cg_push_globals(state.lua)
        try #require(cg_get_field(state.lua, -1, "print") == CG_OK)
        #expect(place() == "[C]")
        cg_push_nil(state.lua)
        #expect(place() == "")
    }

    @Test func requireFindsWhatWasPreloaded() throws {
        try state.load("return {answer = 42}")
        try #require(cg_preload(state.lua, "gift") == CG_OK)
        #expect(try state.run("return require('gift').answer") == "42")
        try #require(cg_set_package_path(state.lua, "/nowhere/?.lua", true) == CG_OK)
        #expect(try state.run("return package.path:match('^[^;]+'), #package.path > 20") == "/nowhere/?.lua, true")
        try #require(cg_set_package_path(state.lua, "/only/?.lua", false) == CG_OK)
        #expect(try state.run("return package.path") == "/only/?.lua")
        #expect(state.top == 1)
    }
}
