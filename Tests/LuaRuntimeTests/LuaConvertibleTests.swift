import LuaRuntime
import Testing

struct LuaConvertibleTests {
    let state: ConversionState

    init() throws { state = try ConversionState() }

    @Test func integersOfEverySizeComeBackAsTheyWent() throws {
        #expect(try state.echo(Int.min) == .min)
        #expect(try state.echo(Int64.max) == .max)
        #expect(try state.echo(Int8(-128)) == -128)
        #expect(try state.echo(UInt8(255)) == 255)
        #expect(try state.echo(UInt32.max) == .max)
        #expect(try state.echo(UInt64(Int.max)) == UInt64(Int.max))
    }

    @Test func anIntegerTooLargeForLuaIsRefused() throws {
        #expect(throws: LuaFailure.self) { try UInt64.max.pushLua(on: state.lua.main) }
        #expect(
            state.lua.main.string(at: -1)
                == "18446744073709551615 does not fit a Lua integer (expected \(Int.min)...\(Int.max))")
    }

    @Test func anIntegralFloatIsAnIntegerAndAnotherIsNot() throws {
        #expect(try state.read("return 3.0", as: Int.self) == 3)
        #expect(try state.mismatch("return 3.5", as: Int.self) == "expected integer, got 3.5")
        #expect(try state.mismatch("return 2^63", as: Int.self) == "expected integer, got 9.2233720368548e+18")
    }

    @Test func anIntegerOutOfRangeNamesTheRange() throws {
        #expect(try state.mismatch("return 300", as: UInt8.self) == "expected integer in 0...255, got 300")
        #expect(
            try state.mismatch("return -1", as: UInt64.self) == "expected integer in 0...18446744073709551615, got -1")
    }

    @Test func noStringIsANumberAndNoNumberAString() throws {
        #expect(try state.mismatch("return '3'", as: Int.self) == "expected integer, got string")
        #expect(try state.mismatch("return '3'", as: Double.self) == "expected number, got string")
        #expect(try state.mismatch("return 3", as: String.self) == "expected string, got number")
    }

    @Test func floatsTakeIntegersToo() throws {
        #expect(try state.read("return 3", as: Double.self) == 3)
        #expect(try state.echo(0.1) == 0.1)
        #expect(try state.echo(Float(0.1)) == Float(0.1))
        #expect(try state.echo(Double.nan).isNaN)
    }

    @Test func onlyBooleansAreBooleans() throws {
        #expect(try state.echo(true) && !(try state.echo(false)))
        #expect(try state.mismatch("return 1", as: Bool.self) == "expected boolean, got number")
        #expect(try state.mismatch("return nil", as: Bool.self) == "expected boolean, got nil")
    }

    @Test func textIsUTF8AndBytesAreAnything() throws {
        #expect(try state.echo("größer \0 🌱") == "größer \0 🌱")
        #expect(
            try state.mismatch("return '\\xff\\xfe'", as: String.self)
                == "expected string of UTF-8 text, got 2 bytes that are none")
        #expect(try state.read("return '\\xff\\xfe'", as: LuaBytes.self).bytes == [255, 254])
        #expect(try state.echo(LuaBytes([0, 255, 10])) == LuaBytes([0, 255, 10]))
        #expect(try state.echo(LuaBytes([])) == LuaBytes([]))
        #expect("\(LuaBytes("a\nb"))" == #""a\nb""#)
    }

    @Test func nilIsNoneAlsoWhereThereIsNoValue() throws {
        #expect(try state.echo(Int?.none) == nil)
        #expect(try state.echo(Int?.some(4)) == 4)
        #expect(try state.read("return", as: String?.self) == nil)
        #expect(try state.mismatch("return {}", as: Int?.self) == "expected integer, got table")
        #expect(try state.mismatch("return", as: Int.self) == "expected integer, got no value")
    }

    @Test func arraysAreListsUpToTheFirstNil() throws {
        #expect(try state.echo([3, 1, 2]) == [3, 1, 2])
        #expect(try state.echo([[1], [], [2, 3]]) == [[1], [], [2, 3]])
        #expect(try state.read("return {1, 2, nil, 4}", as: [Int].self) == [1, 2])
        #expect(try state.read("return {1, x = 2}", as: [Int].self) == [1])
    }

    @Test func aListWhoseLengthIsALieIsNoTrouble() throws {
        let source = "local t = {} for i = 0, 62 do t[1 << i] = 1 end return t"
        #expect(try state.read(source, as: [Int].self) == [1, 1])
    }

    @Test func aBadElementIsNamedWithItsPlace() throws {
        #expect(try state.mismatch("return {1, 'x'}", as: [Int].self) == "expected integer, got string at [2]")
        #expect(
            try state.mismatch("return {a = {1, 2, {}}}", as: [String: [Int]].self)
                == "expected integer, got table at .a[3]")
        #expect(try state.mismatch("return 1", as: [Int].self) == "expected table, got number")
    }

    @Test func dictionariesAreTablesWithStringKeys() throws {
        #expect(try state.echo(["a": 1, "b": 2]) == ["a": 1, "b": 2])
        #expect(try state.echo([String: Int]()) == [:])
        #expect(
            try state.mismatch("return {[1] = 1}", as: [String: Int].self)
                == "expected table with string keys, got a number as key")
    }

    @Test func voidTakesAnythingAndGivesNothing() throws {
        let before = state.lua.main.top
        try LuaVoid().pushLua(on: state.lua.main)
        #expect(state.lua.main.top == before)
        #expect(try state.read("return 1", as: LuaVoid.self) == LuaVoid())
    }

    @Test func severalResultsAreReadInOrder() throws {
        let results = try state.read("return 1, 'two', nil", as: LuaResults<Int, String, Bool?>.self)
        #expect(results.values == (1, "two", nil))
        #expect(
            try state.mismatch("return 1, 2", as: LuaResults<Int, String>.self)
                == "expected string, got number at result 2")
    }

    @Test func aMismatchBecomesAnErrorThatNamesTheSubject() {
        let error = LuaError(LuaMismatch(expected: "integer", got: "string"), of: "the result")
        #expect(error.kind == .conversion)
        #expect(error.message == "the result: expected integer, got string")
        #expect(LuaError(LuaMismatch(expected: "integer", got: "string")).message == "expected integer, got string")
    }

    @Test func everyFailedAllocationIsAnErrorAndLeavesTheStateUsable() throws {
        let value: [String: [LuaValue]] = ["key": [.string(LuaBytes("some text")), .list([.number(0.5)]), .nil]]
        let lua = state.lua
        var failures = 0
        while true {
            let before = lua.main.top
            lua.failAllocations(after: UInt64(failures + 1))
            do throws(LuaFailure) {
                try value.pushLua(on: lua.main)
                lua.failAllocations(after: 0)
                break
            } catch {
                lua.failAllocations(after: 0)
                #expect(error.isMemory && lua.main.string(at: -1) == "not enough memory")
            }
            lua.main.setTop(before)
            failures += 1
        }
        #expect(failures > 3)
        #expect(try state.read("return 1", as: Int.self) == 1)
    }
}
