import LuaRuntime
import Testing

@Suite struct NativeTests {
    static let add = Native("add") { pointer in
        let lua = LuaStack(pointer)
        guard let one = lua.integer(at: 1) else { return lua.fail(argument: 1, expected: "integer") }
        guard let other = lua.integer(at: 2) else { return lua.fail(argument: 2, expected: "integer") }
        guard one >= 0 else { return lua.fail("\(one) is negative") }
        lua.push(one + other)
        return 1
    }
    static let again = Native(
        "again", { _ in Native.call(at: 1) },
        resumed: { pointer in
            let lua = LuaStack(pointer)
            lua.push(lua.callFailed)
            return lua.top
        })
    static let attempt = Native(
        "attempt", { _ in Native.protectedCall(at: 1) },
        resumed: { pointer in
            let lua = LuaStack(pointer)
            lua.push(lua.callFailed)
            return lua.top
        })

    let state: LuaState

    init() throws {
        state = try LuaState.forTest()
        try state.setGlobal("add", Self.add)
        try state.setGlobal("again", Self.again)
        try state.setGlobal("attempt", Self.attempt)
    }

    @Test func resultsComeBack() throws {
        #expect(try state.run("return add(1, 2), add(1.0, 2)") == "3, 3")
    }

    @Test func argumentErrorsReadAsLuasOwn() throws {
        #expect(
            try state.run("return select(2, pcall(function() add(1, 'x') end))")
                == "test:1: bad argument #2 to 'add' (integer expected, got string)")
        #expect(
            try state.run("return select(2, pcall(function() add() end))")
                == "test:1: bad argument #1 to 'add' (integer expected, got no value)")
    }

    @Test func failuresHaveTheCallersPosition() throws {
        #expect(try state.run("return select(2, pcall(function()\nadd(-1, 1) end))") == "test:2: -1 is negative")
    }

    @Test func callsAndProtectedCalls() throws {
        #expect(try state.run("return again(add, 1, 2)") == "3, false")
        #expect(try state.run("return attempt(add, 1, 2)") == "3, false")
        #expect(try state.run("return attempt(error, 'broken', 0)") == "broken, true")
        #expect(try state.run("return pcall(again, error, 'broken', 0)") == "false, broken")
    }

    @Test func upvaluesAreFound() throws {
        let counter = Native("counter") { pointer in
            let lua = LuaStack(pointer)
            lua.pushUpvalue(1)
            lua.pushUpvalue(2)
            return 2
        }
        state.main.push(1)
        state.main.push(2)
        try state.main.push(counter, upvalues: 2)
        try state.setGlobal("counter")
        #expect(try state.run("return counter()") == "1, 2")
    }

    @Test func anErrorWithoutMemoryIsAMemoryError() throws {
        // Nothing can be allocated: neither the result nor the message of the failure.
        let starve = Native("starve") { pointer in
            let lua = LuaStack(pointer)
            guard let owner = lua.owner else { return 0 }
            // Safety: the test keeps the state's holder alive while it runs.
            let holder = Unmanaged<Holder>.fromOpaque(owner).takeUnretainedValue()
            holder.state?.failAllocations(after: 1)
            let code = lua.fail("a message that has never been seen before")
            holder.state?.failAllocations(after: 0)
            return code
        }
        let holder = Holder()
        let state = try LuaState.forTest(owner: Unmanaged.passUnretained(holder).toOpaque())
        holder.state = state
        defer { holder.state = nil }
        try state.setGlobal("starve", starve)
        #expect(try state.run("return pcall(starve)") == "false, not enough memory")
        let error = #expect(throws: LuaError.self) { try state.run("starve()") }
        #expect(error?.kind == .memory)
    }

    private final class Holder {
        var state: LuaState?
    }
}
