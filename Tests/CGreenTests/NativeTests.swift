import CGreen
import Testing

@Suite struct NativeTests {
    let state: TestState
    let green: TestGreen

    init() throws {
        state = try TestState()
        try state.setGlobal("park", TestNative.park())
        try state.run(TestNative.below)
        green = try TestGreen(state)
    }

    @Test func aCountAnswersThatManyValuesFromTheTop() throws {
        try state.setGlobal(
            "two",
            TestNative.make("two") { lua in
                cg_push_integer(lua, 1)
                cg_push_integer(lua, 2)
                cg_push_integer(lua, 3)
                return 2
            })
        #expect(try state.run("return two('ignored')") == "2, 3")
    }

    @Test func raiseGivesTheValueAsItStands() throws {
        try state.setGlobal("raise", TestNative.make("raise") { _ in Int32(CG_RAISE) })
        #expect(
            try state.run(
                """
                local value = {}
                local ok, got = pcall(raise, value)
                return ok, rawequal(got, value), pcall(raise, "text")
                """) == "false, true, false, text")
    }

    @Test func raiseAtPutsTheCallersPositionBeforeTheText() throws {
        try state.setGlobal("raise", TestNative.make("raise") { _ in Int32(CG_RAISE_AT) })
        #expect(
            try state.run("return pcall(function()\n raise('broken')\nend)") == "false, test:2: broken")
    }

    @Test func argumentReadsAsLuasOwnDo() throws {
        try state.setGlobal(
            "check",
            TestNative.make("check") { lua in
                cg_push_integer(lua, 2)
                _ = cg_push_bytes(lua, "number expected", 15)
                return Int32(CG_ARGUMENT)
            })
        #expect(
            try state.run("return pcall(function()\n check(1)\nend)")
                == "false, test:2: bad argument #2 to 'check' (number expected)")
        #expect(
            try state.run("local o = {m = check} return pcall(function() o:m() end)")
                == "false, test:1: bad argument #1 to 'm' (number expected)")
    }

    @Test func callGivesAllResultsToResumed() throws {
        try state.setGlobal(
            "apply",
            TestNative.make("apply", { _ in Int32(CG_CALL) - 1 }, resumed: { cg_top($0) }))
        #expect(try state.run("return apply(function(...) return select('#', ...), ... end, 1, 2)") == "2, 1, 2")
        #expect(try state.run("return pcall(apply, error, 'as it is', 0)") == "false, as it is")
        #expect(try green.finish("return apply(function(x) return park(x), park(x + 1) end, 1)") == .done("1, 2"))
        #expect(green.parks == 2)
    }

    @Test func callAboveOtherValuesLeavesThemWhereTheyAre() throws {
        try state.setGlobal(
            "second",
            TestNative.make("second", { _ in Int32(CG_CALL) - 2 }, resumed: { cg_top($0) }))
        #expect(try state.run("return second('kept', function(x) return x * 2 end, 21)") == "kept, 42")
    }

    @Test func pcallTellsHowItWent() throws {
        try state.setGlobal(
            "try",
            TestNative.make(
                "try", { _ in Int32(CG_PCALL) - 1 },
                resumed: { lua in
                    cg_push_integer(lua, Int64(cg_call_status(lua)))
                    cg_insert(lua, 1)
                    return cg_top(lua)
                }))
        #expect(try state.run("return try(function() return 'fine' end)") == "0, fine")
        #expect(try state.run("return try(error, 'broken', 0)") == "\(CG_ERRRUN), broken")
        #expect(try green.finish("return try(function() return park('later') end)") == .done("0, later"))
        #expect(
            try green.finish("return try(function() park() error('later', 0) end)")
                == .done("\(CG_ERRRUN), later"))
        #expect(
            try green.finish("return try(function() return try(function() park() error({}, 0) end) end)")
                != .done("0, 0"))
    }

    @Test func aScriptsOwnYieldGoesThroughCalls() throws {
        try state.setGlobal("apply", TestNative.make("apply", { _ in Int32(CG_CALL) - 1 }, resumed: { cg_top($0) }))
        #expect(
            try green.finish(
                """
                local co = coroutine.wrap(function(a)
                  return apply(function(x) return coroutine.yield(x) + park(x), "end" end, a)
                end)
                return co(1), co(10)
                """) == .done("1, 11, end"))
    }

    @Test func resumedMayCallAndParkAgain() throws {
        // Counts down from its argument, with a park for each step.
        try state.setGlobal(
            "countdown",
            TestNative.make(
                "countdown", { _ in Int32(CG_PARK) },
                resumed: { lua in
                    var left: Int64 = 0
                    _ = cg_to_integer(lua, 1, &left)
                    if left == 0 {
                        cg_set_top(lua, 2)
                        return Int32(CG_CALL) - 2
                    }
                    if cg_top(lua) == 1 { return 1 }
                    cg_push_integer(lua, left - 1)
                    cg_replace(lua, 1)
                    return Int32(CG_PARK)
                }))
        guard case .failed(let text) = try green.finish("return countdown(3, error)") else {
            Issue.record("nothing was raised")
            return
        }
        #expect(text == "nil")
        #expect(green.parks == 4)
    }

    @Test func manyResultsAfterAParkLeaveRoomForMore() throws {
        try state.setGlobal(
            "apply",
            TestNative.make(
                "apply", { _ in Int32(CG_CALL) - 1 },
                resumed: { lua in
                    for number in 0..<20 { cg_push_integer(lua, Int64(number)) }
                    return cg_top(lua)
                }))
        #expect(
            try green.finish("return select('#', apply(function() park() return table.unpack({}, 1, 10000) end))")
                == .done("10020"))
    }

    @Test func aCodeThatCannotBeMeantIsAnErrorNotACrash() throws {
        try state.setGlobal("parks", TestNative.make("parks") { _ in Int32(CG_PARK) })
        try state.setGlobal("calls", TestNative.make("calls") { _ in Int32(CG_CALL) - 1 })
        try state.setGlobal("odd", TestNative.make("odd", { _ in -77 }, resumed: { _ in 0 }))
        try state.setGlobal("above", TestNative.make("above", { _ in Int32(CG_PCALL) - 2 }, resumed: { _ in 0 }))
        let end = "which it cannot mean"
        #expect(try state.run("return pcall(parks)") == "false, bug: native 'parks' answered -4, \(end)")
        #expect(try state.run("return pcall(calls, print)") == "false, bug: native 'calls' answered -1001, \(end)")
        #expect(try state.run("return pcall(odd)") == "false, bug: native 'odd' answered -77, \(end)")
        #expect(try state.run("return pcall(above, 1)") == "false, bug: native 'above' answered -2002, \(end)")
    }

    @Test func upvaluesCountFromOne() throws {
        let native = TestNative.make("upvalues") { lua in
            _ = cg_push_upvalue(lua, 2)
            _ = cg_push_upvalue(lua, 1)
            return 2
        }
        cg_push_integer(state.lua, 1)
        cg_push_boolean(state.lua, true)
        #expect(cg_push_native(state.lua, native, 2) == CG_OK)
        #expect(state.top == 1)
        try state.setGlobal("upvalues")
        #expect(try state.run("return upvalues()") == "true, 1")
    }

    @Test func canParkIsFalseWhereNothingMayWait() throws {
        try state.setGlobal(
            "may",
            TestNative.make("may") { lua in
                cg_push_boolean(lua, cg_can_park(lua))
                return 1
            })
        #expect(try state.run("return may(), coroutine.wrap(may)()") == "false, false")
        #expect(
            try green.finish(
                """
                local inC
                below(function() inC = coroutine.wrap(may)() end)
                return may(), coroutine.wrap(may)(), inC, pcall(may)
                """) == .done("true, true, false, true, true"))
    }

    @Test func aNativeMayDriveAnotherGreen() throws {
        let other = try TestGreen(state, slot: 2)
        try state.load("return coroutine.wrap(function() return park('inner') end)()", on: other.thread)
        try state.setGlobal(
            "drive",
            TestNative.make("drive") { lua in
                _ = cg_vault_push(lua, 2)
                guard let thread = cg_to_thread(lua, -1) else { return 0 }
                var results: Int32 = 0
                let how = cg_resume(thread, 0, nil, &results)
                if how == CG_DONE { cg_move(thread, lua, results) } else { cg_push_nil(lua) }
                cg_push_boolean(lua, cg_is_running(lua))
                cg_push_boolean(lua, cg_can_park(lua))
                return 3
            })
        #expect(
            try green.finish(
                """
                local log = {}
                below(function() coroutine.wrap(function() log = {drive()} end)() end)
                return log[1], log[2], log[3], select(2, coroutine.running()), park("outer"), drive()
                """) == .done("nil, true, false, true, outer, inner, true, true"))
        #expect(green.parks == 1)
        #expect(!cg_is_running(state.lua))
    }
}
