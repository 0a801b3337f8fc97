import LuaRuntime
import Testing

@Suite struct LuaStackProtectedTests {
    let state: LuaState
    var lua: LuaStack { state.main }

    init() throws { state = try LuaState.forTest() }

    /// The operation must throw, with one error value left above `values`.
    private func expectFailure(
        memory: Bool = false, leaving values: Int32, _ text: String, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () throws(LuaFailure) -> Void
    ) {
        do throws(LuaFailure) {
            try body()
            Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        } catch {
            #expect(error.isMemory == memory, sourceLocation: sourceLocation)
            #expect(lua.top == values + 1, sourceLocation: sourceLocation)
            #expect(lua.string(at: -1) == text, sourceLocation: sourceLocation)
        }
        lua.setTop(values)
    }

    @Test func stringsArePushedWithAllTheirBytes() throws {
        try lua.push("häuschen\0x")
        #expect(lua.string(at: -1) == "häuschen\0x")
        try lua.push("literal" as StaticString)
        #expect(lua.string(at: -1) == "literal")
        try lua.push("")
        #expect(lua.bytes(at: -1)?.count == 0)
        try lua.push(bytes: UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(lua.bytes(at: -1)?.count == 0)
        lua.setTop(0)
    }

    @Test func fieldsAndKeysAreReadAndWritten() throws {
        try lua.pushTable(items: 1, fields: 1)
        lua.push(1)
        try lua.setField("a", of: 1)
        lua.push(true)
        lua.push(2)
        try lua.set(in: 1)
        lua.push(0.5)
        lua.push(3)
        try lua.rawSet(in: 1)
        lua.push(4)
        try lua.rawSet(position: 1, in: 1)
        try lua.pushField("a", of: 1)
        lua.push(true)
        try lua.get(from: 1)
        lua.push(0.5)
        try lua.get(from: 1)
        lua.pushRaw(index: 1, of: 1)
        #expect((2...5).map { lua.integer(at: $0) } == [1, 2, 3, 4])
        lua.setTop(0)
    }

    @Test func metamethodsThatRaiseThrow() throws {
        try state.push(
            expression: """
                setmetatable({}, {__index = function(_, k) error("no " .. k, 0) end,
                  __newindex = function(_, k) error("not " .. k, 0) end, __tostring = function() error("mute", 0) end})
                """)
        expectFailure(leaving: 1, "no x") { () throws(LuaFailure) in try lua.pushField("x", of: 1) }
        lua.push(1)
        expectFailure(leaving: 1, "not y") { () throws(LuaFailure) in try lua.setField("y", of: 1) }
        expectFailure(leaving: 1, "mute") { () throws(LuaFailure) in try lua.pushDescription(of: 1) }
        lua.setTop(0)
    }

    @Test func memoryFailuresSaySo() throws {
        state.failAllocations(after: 1)
        expectFailure(memory: true, leaving: 0, "not enough memory") { () throws(LuaFailure) in
            try lua.pushTable(items: 1000)
        }
        state.failAllocations(after: 0)
        state.memoryLimit = state.memory.bytes + 1_000
        expectFailure(memory: true, leaving: 0, "not enough memory") { () throws(LuaFailure) in
            try lua.push(String(repeating: "x", count: 10_000))
        }
        state.memoryLimit = nil
    }

    @Test func nextVisitsEveryPair() throws {
        try state.push(expression: "{10, 20, x = 30}")
        var sum = 0
        var count = 0
        lua.pushNil()
        while try lua.next(of: 1) {
            sum += lua.integer(at: -1) ?? 0
            count += 1
            lua.pop()
        }
        #expect(sum == 60)
        #expect(count == 3)
        #expect(lua.top == 1)
        lua.setTop(0)
    }

    @Test func descriptionsReadAsToString() throws {
        let cases = [
            ("nil", "nil"), ("1", "1"), ("1.0", "1.0"), ("'text'", "text"), ("true", "true"),
            ("setmetatable({}, {__tostring = function() return 'mine' end})", "mine"),
            ("setmetatable({}, {__tostring = function() error() end})", "(table without a text)"),
            ("setmetatable({}, {__tostring = function() return {} end})", "(table without a text)"),
        ]
        for (source, text) in cases {
            try state.push(expression: source)
            #expect(lua.description(of: -1) == text, "\(source)")
            #expect(lua.description(of: 1) == text, "\(source)")
            #expect(lua.top == 1)
            lua.setTop(0)
        }
    }

    @Test func aDescriptionWithoutMemoryIsStillGiven() throws {
        try lua.pushTable()
        state.failAllocations(after: 1)
        #expect(lua.description(of: -1) == "(table without a text)")
        #expect(lua.traceback(of: lua) == "(no memory for a traceback)")
        state.failAllocations(after: 0)
        lua.setTop(0)
    }

    @Test func placesOfFunctionsAreTold() throws {
        try state.push(expression: "\nfunction() end")
        #expect(lua.definition(of: -1) == "test:2")
        try state.push(expression: "print")
        #expect(lua.definition(of: -1) == "[C]")
        lua.pushNil()
        #expect(lua.definition(of: -1) == "")
        #expect(lua.location == "")
        lua.setTop(0)
    }
}
