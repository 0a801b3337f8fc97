import LuaRuntime
import Testing

struct LuaValueTests {
    let state: ConversionState

    init() throws { state = try ConversionState() }

    @Test func everyKindOfDataComesBackAsItWent() throws {
        let value = LuaValue.table([
            "list": .list([.integer(1), .number(1.5), .boolean(false), .string(LuaBytes([255]))]),
            "inner": .table(["a": .table([:])]),
        ])
        #expect(try state.echo(value) == value)
        #expect(try state.echo(LuaValue.nil) == .nil)
    }

    @Test func integersAndFloatsStayApart() throws {
        #expect(try state.read("return {1, 1.0}", as: LuaValue.self) == .list([.integer(1), .number(1)]))
    }

    @Test func aFunctionIsNoData() throws {
        #expect(
            try state.mismatch("return {f = {print}}", as: LuaValue.self)
                == "expected data (nil, boolean, number, string or table), got function at .f[1]")
    }

    @Test func aCircleIsRefused() throws {
        let text = try state.mismatch("local t = {} t[1] = t return t", as: LuaValue.self)
        #expect(text.hasPrefix("expected tables at most 64 deep, got more, or a table in itself at [1][1]"))
    }

    @Test func sharedTablesCannotExplode() throws {
        let source = "local t = {1} for _ = 1, 40 do t = {t, t} end return t"
        #expect(try state.mismatch(source, as: LuaValue.self).hasPrefix("expected data of at most 64 MiB, got more"))
    }
}
