import LuaRuntime
import Testing

@Suite struct LuaStackTests {
    let state: LuaState
    var lua: LuaStack { state.main }

    init() throws { state = try LuaState.forTest() }

    @Test func typesAreTold() throws {
        let cases: [(String, LuaType, String)] = [
            ("nil", .nil, "nil"), ("true", .boolean, "boolean"), ("1", .number, "number"), ("1.5", .number, "number"),
            ("'x'", .string, "string"), ("{}", .table, "table"), ("print", .function, "function"),
            ("io.stdout", .userdata, "FILE*"), ("coroutine.create(print)", .thread, "thread"),
        ]
        for (source, type, name) in cases {
            try state.push(expression: source)
            #expect(lua.type(at: -1) == type, "\(source)")
            #expect(lua.typeName(at: -1) == (name == "FILE*" ? "userdata" : name), "\(source)")
            lua.setTop(0)
        }
        #expect(lua.type(at: 1) == .none)
        #expect(lua.typeName(at: 1) == "no value")
    }

    @Test func numbersAreReadAsWhatTheyAre() throws {
        let cases: [(String, Int?, Double?, Bool)] = [
            ("7", 7, 7, true), ("7.0", 7, 7, false), ("7.5", nil, 7.5, false), ("'7'", nil, nil, false),
            ("math.maxinteger", Int.max, 9.2233720368547758e18, true), ("math.huge", nil, .infinity, false),
            ("2^63", nil, 9.2233720368547758e18, false), ("nil", nil, nil, false), ("true", nil, nil, false),
        ]
        for (source, integer, number, isInteger) in cases {
            try state.push(expression: source)
            #expect(lua.integer(at: -1) == integer, "\(source)")
            #expect(lua.number(at: -1) == number, "\(source)")
            #expect(lua.isInteger(at: -1) == isInteger, "\(source)")
            lua.setTop(0)
        }
    }

    @Test func onlyNilAndFalseAreFalse() throws {
        for (source, value) in [("nil", false), ("false", false), ("0", true), ("''", true), ("{}", true)] {
            try state.push(expression: source)
            #expect(lua.boolean(at: -1) == value, "\(source)")
            #expect(lua.isNil(at: -1) == (source == "nil"), "\(source)")
            lua.setTop(0)
        }
        #expect(lua.isNil(at: 1))
    }

    @Test func stringsKeepTheirBytes() throws {
        try state.push(expression: "'a\\0b\\xff'")
        #expect(lua.bytes(at: -1).map(Array.init) == [0x61, 0, 0x62, 0xff])
        #expect(lua.string(at: -1) == "a\0b\u{FFFD}")
        lua.push(5)
        #expect(lua.bytes(at: -1) == nil)
        #expect(lua.string(at: -1) == nil)
        #expect(lua.isInteger(at: -1), "reading does not convert the value in place")
        lua.setTop(0)
    }

    @Test func valuesMoveAboutAsTold() throws {
        for value in 1...4 { lua.push(value) }
        lua.insert(at: 1)  // 4 1 2 3
        lua.remove(at: 2)  // 4 2 3
        lua.pushCopy(of: 1)  // 4 2 3 4
        lua.replace(at: 2)  // 4 4 3
        #expect((1...3).map { lua.integer(at: $0) } == [4, 4, 3])
        #expect(lua.rawEqual(1, 2))
        #expect(!lua.rawEqual(1, 3))
        lua.pop(2)
        #expect(lua.top == 1)
        lua.setTop(2)
        #expect(lua.isNil(at: 2))
        lua.setTop(0)
    }

    @Test func valuesMoveBetweenCoroutines() throws {
        let thread = try state.makeThread()
        lua.push(1)
        lua.push(2.5)
        lua.move(2, to: thread)
        #expect(lua.top == 0)
        #expect(thread.top == 2)
        #expect(thread.number(at: 2) == 2.5)
    }

    @Test func roomHasAnEnd() throws {
        #expect(lua.reserve(10_000))
        #expect(!lua.reserve(10_000_000))
        state.memoryLimit = state.memory.bytes
        #expect(!lua.reserve(500_000))
        state.memoryLimit = nil
    }

    @Test func whatCanBeCalledIsFunctionsAndWhatHasACallMetamethod() throws {
        let cases = [
            ("print", true), ("function() end", true), ("setmetatable({}, {__call = print})", true), ("{}", false),
            ("nil", false), ("'print'", false), ("io.stdout", false), ("1", false),
        ]
        for (source, callable) in cases {
            try state.push(expression: source)
            #expect(lua.isCallable(at: -1) == callable, "\(source)")
            #expect(lua.top == 1)
            lua.setTop(0)
        }
    }

    @Test func rawReadsAskNoMetamethods() throws {
        try state.push(expression: "setmetatable({10, 20}, {__index = error, __len = error})")
        lua.pushRaw(index: 2, of: 1)
        lua.pushRaw(index: 3, of: 1)
        #expect(lua.integer(at: 2) == 20)
        #expect(lua.isNil(at: 3))
        #expect(lua.rawLength(of: 1) == 2)
        lua.setTop(0)
    }

    @Test func filledSlotsTakeValuesWithoutMemory() throws {
        try lua.pushFilled(100)
        state.failAllocations(after: 1)
        for position in 1...100 {
            lua.push(position)
            lua.putRaw(position: position, in: 1)
        }
        state.failAllocations(after: 0)
        lua.pushRaw(index: 100, of: 1)
        #expect(lua.integer(at: -1) == 100)
        #expect(lua.rawLength(of: 1) == 100)
        lua.setTop(0)
    }
}
