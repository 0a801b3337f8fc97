import LuaRuntime
import Testing

private struct NotFound: Error, CustomStringConvertible {
    let id: Int
    var description: String { "no user \(id)" }
}

private final class Witness {
    let gone: () -> Void
    init(_ gone: @escaping () -> Void) { self.gone = gone }
    deinit { gone() }
}

struct RegisteredFunctionTests {
    let state: ConversionState

    init() throws { state = try ConversionState() }

    private func message(_ source: String) throws -> String {
        try state.read("local ok, e = pcall(function() \(source) end) return ok and 'no error' or tostring(e)")
    }

    @Test func aSwiftClosureIsALuaFunction() throws {
        try state.add(.typed("add") { (a: Int, b: Int) in a + b })
        #expect(try state.read("return add(1, 2)", as: Int.self) == 3)
        #expect(try state.read("return type(add)", as: String.self) == "function")
    }

    @Test func argumentsBeyondThoseAreIgnored() throws {
        try state.add(.typed("count") { (a: Int?) in a == nil ? 0 : 1 })
        #expect(try state.read("return count()", as: Int.self) == 0)
        #expect(try state.read("return count(1, {}, print)", as: Int.self) == 1)
        try state.add(.typed("none") { "nothing" })
        #expect(try state.read("return none(1)", as: String.self) == "nothing")
    }

    @Test func aBadArgumentIsNamedWithFunctionAndPlace() throws {
        try state.add(.typed("add") { (a: Int, b: Int) in a + b })
        #expect(
            try message("\n add(1, 'x')") == "test:2: bad argument #2 to 'add' (integer expected, got string)")
        #expect(try message("add(1)") == "test:1: bad argument #2 to 'add' (integer expected, got no value)")
    }

    @Test func severalResultsAndNone() throws {
        try state.add(.typed("pair") { LuaResults(1, nil as Int?, "three") })
        #expect(try state.read("return select('#', pair())", as: Int.self) == 3)
        #expect(try state.read("return (select(3, pair()))", as: String.self) == "three")
        try state.add(.typed("none") { LuaVoid() })
        #expect(try state.read("return select('#', none())", as: Int.self) == 0)
    }

    @Test func aThrownErrorIsALuaErrorAtTheCallAndKeepsItsCause() throws {
        try state.add(.typed("user") { (id: Int) throws -> Int in throw NotFound(id: id) })
        #expect(try message("\n\n user(7)") == "test:3: no user 7")
        do {
            _ = try state.read("return user(7)", as: Int.self)
            Issue.record("expected an error")
        } catch let error as LuaError {
            #expect(error.message == "test:1: no user 7")
            #expect((error.underlying as? NotFound)?.id == 7)
        }
        #expect(
            try state.read("local _, e = pcall(user, 1) return e.kind .. ' ' .. e.message", as: String.self)
                == "host test:1: no user 1")
    }

    @Test func aThrownLuaErrorKeepsItsKind() throws {
        try state.add(.typed("late") { () throws -> Int in throw LuaError(.timeout, "too late") })
        #expect(try state.read("local _, e = pcall(late) return e.kind", as: String.self) == "timeout")
        try state.add(.typed("cancel") { () throws -> Int in throw CancellationError() })
        #expect(try state.read("local _, e = pcall(cancel) return e.kind", as: String.self) == "cancelled")
    }

    @Test func theClosureIsReleasedWhenItsFunctionIsGarbage() throws {
        var isGone = false
        do {
            let witness = Witness { isGone = true }
            try state.add(.typed("hold") { withExtendedLifetime(witness) { 1 } })
        }
        #expect(try state.read("return hold()", as: Int.self) == 1)
        #expect(!isGone)
        _ = try state.read("hold = nil", as: LuaVoid.self)
        state.lua.collectGarbage()
        #expect(isGone)
    }

    @Test func closingTheStateReleasesTheClosure() throws {
        var isGone = false
        let other = try ConversionState()
        do {
            let witness = Witness { isGone = true }
            try other.add(.typed("hold") { withExtendedLifetime(witness) { 1 } })
        }
        #expect(!isGone)
        other.lua.close()
        #expect(isGone)
    }

    @Test func errorsAndResultsLeakNothing() throws {
        var alive = 0
        try state.add(
            .typed("fail") { () throws -> Int in
                alive += 1
                let witness = Witness { alive -= 1 }
                return try withExtendedLifetime(witness) { throw NotFound(id: 1) }
            })
        _ = try state.read("for _ = 1, 1000 do pcall(fail) end", as: LuaVoid.self)
        #expect(alive == 0)
        state.lua.collectGarbage()
        state.lua.collectGarbage()  // Frees what the first one finalized.
        let before = state.lua.memory.bytes
        _ = try state.read("for _ = 1, 1000 do pcall(fail) end", as: LuaVoid.self)
        state.lua.collectGarbage()
        state.lua.collectGarbage()  // Frees what the first one finalized.
        #expect(abs(state.lua.memory.bytes - before) < 2_000)
    }

    @Test func tamperingWithTheUpvalueIsAnErrorAndNoCrash() throws {
        try state.add(.typed("add") { (a: Int, b: Int) in a + b })
        #expect(
            try message("debug.setupvalue(add, 2, {}) add(1, 2)").hasSuffix("the Swift function behind this is gone"))
    }

    @Test func everyFailedAllocationIsAnError() throws {
        try state.add(
            .typed("list") { (text: String) throws -> [String] in
                if text == "" { throw NotFound(id: 3) }
                return [text, text + "!"]
            })
        for source in ["return #list('text')", "return select('#', pcall(list, ''))"] {
            var failures = 0
            while true {
                state.lua.failAllocations(after: UInt64(failures + 1))
                defer { state.lua.failAllocations(after: 0) }
                guard let count = try? state.read(source, as: Int.self), count == 2 else {
                    failures += 1
                    continue
                }
                // pcall catches running out of memory, too: done when nothing failed any more.
                state.lua.failAllocations(after: 0)
                if failures > 60 || source.hasPrefix("return #") { break }
                failures += 1
            }
            #expect(failures > 3)
        }
        #expect(try state.read("return #list('text')", as: Int.self) == 2)
    }
}
