import CGreen
import Testing

/// Every operation that may run out of memory, with every allocation of it failing once (the way of Lua's own
/// memerr.lua).
@Suite struct AllocationSweepTests {
    // Safety: made once and never written again.
    nonisolated(unsafe) static let native = TestNative.pass()

    // Safety: made once and never written again.
    nonisolated(unsafe) static let sweptClass: UnsafePointer<cg_class> = {
        let members = UnsafeMutablePointer<cg_member>.allocate(capacity: 4)
        members.initialize(
            from: [
                cg_member(name: TestNative.text("a_method_of_it"), method: native, property: 0),
                cg_member(name: TestNative.text("a_property_of_it"), method: nil, property: 1),
                cg_member(name: TestNative.text("another_method"), method: native, property: 0),
                cg_member(name: nil, method: nil, property: 0),
            ], count: 4)
        let made = UnsafeMutablePointer<cg_class>.allocate(capacity: 1)
        made.initialize(
            to: cg_class(
                id: 62, name: TestNative.text("test.swept"), members: members, get: native, set: native,
                metamethods: members, release: { _, _ in }, outside: 0))
        return UnsafePointer(made)
    }()

    /// A table at index 1; `__index` and `__newindex` of an inner one allocate.
    @Sendable private static func table(_ state: TestState) throws {
        try state.load(
            """
            return setmetatable({1, 2, 3, inner = setmetatable({}, {
              __index = function(_, k) return {k} end, __newindex = function(t, k, v) rawset(t, k, {v}) end})}, {
              __index = function(_, k) return {tostring(k) .. 'got'} end,
              __newindex = function(t, k, v) rawset(t, k, {v}) end,
              __tostring = function(t) return 'text of ' .. #t end})
            """)
        try #require(cg_call(state.lua, 0, 1) == CG_OK)
    }

    static let operations: [SweptOperation] = [
        SweptOperation(name: "push_bytes, short", pushed: 1) { lua, n in
            let text = "short \(n)"
            return cg_push_bytes(lua, text, text.utf8.count)
        },
        SweptOperation(name: "push_bytes, long", pushed: 1) { lua, n in
            let text = String(repeating: "long", count: 100)
            return cg_push_bytes(lua, text, text.utf8.count)
        },
        SweptOperation(name: "new_table", pushed: 1) { lua, _ in cg_new_table(lua, 10, 10) },
        SweptOperation(name: "new_filled", pushed: 1) { lua, _ in cg_new_filled(lua, 100) },
        SweptOperation(name: "new_thread", pushed: 1) { lua, _ in cg_new_thread(lua) },
        SweptOperation(name: "get_field", prepare: table, pushed: 1) { lua, n in cg_get_field(lua, 1, "field \(n)") },
        SweptOperation(
            name: "set_field",
            prepare: {
                try table($0)
                cg_push_integer($0.lua, 5)
            }, taken: 1
        ) { lua, n in cg_set_field(lua, -2, "field \(n)") },
        SweptOperation(
            name: "get",
            prepare: {
                try table($0)
                cg_push_number($0.lua, 0.5)
            }, taken: 1, pushed: 1
        ) { lua, _ in cg_get(lua, 1) },
        SweptOperation(
            name: "set",
            prepare: {
                try table($0)
                cg_push_number($0.lua, 0.5)
                cg_push_integer($0.lua, 5)
            }, taken: 2
        ) { lua, _ in cg_set(lua, -3) },
        SweptOperation(
            name: "raw_set",
            prepare: {
                try table($0)
                cg_push_number($0.lua, 0.5)
                cg_push_integer($0.lua, 5)
            }, taken: 2
        ) { lua, _ in cg_raw_set(lua, 1) },
        SweptOperation(
            name: "raw_set_index",
            prepare: {
                try table($0)
                cg_push_integer($0.lua, 5)
            }, taken: 1
        ) { lua, _ in cg_raw_set_index(lua, 1, 1_000) },
        SweptOperation(
            name: "next",
            prepare: {
                try table($0)
                cg_push_nil($0.lua)
            }, taken: 1, pushed: 2, atLeast: 0
        ) { lua, _ in
            var more = false
            return cg_next(lua, 1, &more)
        },
        SweptOperation(name: "load", pushed: 1) { lua, n in
            let source = "local a, b = 1, {x = 'a constant \(n)'} return function(...) return a, b, ... end"
            return cg_load(lua, source, source.utf8.count, "=sweep")
        },
        SweptOperation(
            name: "call",
            prepare: {
                try $0.load(
                    """
                    local list = {}
                    for i = 1, 10 do list[i] = coroutine.wrap(function(...) return pcall(string.rep, ...) end) end
                    local guard <close> = setmetatable({}, {__close = function() return {} end})
                    return list, select('#', table.unpack({}, 1, 100)), ...
                    """)
                cg_push_integer($0.lua, 1)
                cg_push_integer($0.lua, 2)
            }, taken: 3, pushed: 4, failurePushed: 2
        ) { lua, _ in cg_call(lua, 2, 4) },
        SweptOperation(name: "describe", prepare: table, pushed: 1) { lua, _ in cg_describe(lua, 1) },
        SweptOperation(
            name: "describe, a number",
            prepare: { cg_push_number($0.lua, 1.25) }, pushed: 1
        ) { lua, _ in cg_describe(lua, -1) },
        SweptOperation(name: "traceback", pushed: 1) { lua, _ in cg_traceback(lua, lua, 0) },
        SweptOperation(
            name: "preload",
            prepare: { try $0.load("return {}") }, taken: 1
        ) { lua, n in cg_preload(lua, "module \(n)") },
        SweptOperation(name: "set_package_path") { lua, n in cg_set_package_path(lua, "/path\(n)/?.lua", true) },
        SweptOperation(name: "vault_grow") { lua, n in cg_vault_grow(lua, 10_000) },
        SweptOperation(
            name: "push_native",
            prepare: {
                for value in 0..<5 { cg_push_integer($0.lua, Int64(value)) }
            }, taken: 5, pushed: 1
        ) { lua, _ in cg_push_native(lua, native, 5) },
        SweptOperation(name: "register_class") { lua, _ in cg_register_class(lua, sweptClass) },
        SweptOperation(
            name: "new_object",
            prepare: {
                try #require(cg_register_class($0.lua, sweptClass) == CG_OK)
            }, pushed: 1
        ) { lua, _ in
            var payload: UnsafeMutableRawPointer?
            let status = cg_new_object(lua, sweptClass, 64, 2, &payload)
            return (payload == nil) == (status == CG_OK) ? -1 : status
        },
        SweptOperation(
            name: "collect",
            prepare: {
                try $0.run("for i = 1, 100 do setmetatable({}, {__gc = function() return {{}} end}) end")
            }, atLeast: 0
        ) { lua, _ in cg_collect(lua) },
    ]

    @Test(arguments: operations) func everyFailureIsReportedAndLeavesTheStateUsable(operation: SweptOperation) throws {
        try operation.sweep()
    }

    @Test(arguments: [Int32(CG_LIB_BASE), Int32(CG_LIB_STRING), Int32(CG_LIB_PACKAGE), TestState.allLibraries])
    func openingLibrariesCanFailAnywhereAndBeTriedAgain(mask: Int32) throws {
        for attempt in 0... {
            // A fresh state each time, because what was opened stays opened.
            let state = try TestState(libraries: 0)
            cg_fail_allocations(state.lua, UInt64(attempt) + 1)
            let status = cg_open_libraries(state.lua, mask)
            cg_fail_allocations(state.lua, 0)
            if status == CG_OK {
                #expect(state.top == 0)
                #expect(attempt > 10)
                break
            }
            try #require(status == CG_ERRMEM && state.top == 1)
            #expect(state.text(-1) == "not enough memory")
            cg_set_top(state.lua, 0)
            #expect(cg_open_libraries(state.lua, mask) == CG_OK)
            #expect(try state.run("return 1 + 1") == "2")
        }
    }

    @Test func openingAStateFailsWithoutATrace() throws {
        var failures = 0
        for countdown in UInt64(1)... {
            var left = -1
            if let lua = cg_open_failing(nil, countdown, &left) {
                #expect(left == 0)
                cg_fail_allocations(lua, 0)
                #expect(cg_close(lua) == 0)
                break
            }
            #expect(left == 0)
            failures += 1
        }
        #expect(failures > 10)
    }

    @Test func lookingForAMetafieldAnswersNoWithoutMemory() throws {
        let state = try TestState()
        try Self.table(state)
        for countdown in UInt64(1)...5 {
            cg_fail_allocations(state.lua, countdown)
            _ = cg_has_metafield(state.lua, 1, "__field_\(countdown)")
            cg_fail_allocations(state.lua, 0)
            #expect(state.top == 1)
        }
        cg_fail_allocations(state.lua, 1)
        #expect(!cg_has_metafield(state.lua, 1, "__a_name_never_seen"))
        cg_fail_allocations(state.lua, 0)
        #expect(cg_has_metafield(state.lua, 1, "__index"))
    }

    @Test func aStackThatCannotGrowIsOutOfMemory() throws {
        let state = try TestState()
        while cg_reserve(state.lua, 1_000) {
            for value in 0..<1_000 { cg_push_integer(state.lua, Int64(value)) }
        }
        while cg_reserve(state.lua, 1) { cg_push_nil(state.lua) }
        let full = state.top
        #expect(cg_push_bytes(state.lua, "x", 1) == CG_ERRMEM)
        #expect(state.text(-1) == "not enough memory")
        #expect(cg_load(state.lua, "", 0, "=x") == CG_ERRMEM)
        #expect(state.text(-1) == "not enough memory")
        #expect(state.top == full + 2)
        cg_set_top(state.lua, full)
        #expect(cg_set_field(state.lua, 1, "x") == CG_ERRMEM)
        #expect(state.top == full)
        #expect(cg_call(state.lua, 2, 0) == CG_ERRMEM)
        #expect(state.top == full - 1)
        #expect(state.text(-2) == "not enough memory")
        cg_set_top(state.lua, 0)
    }

    @Test func aGreenThatCannotAllocateFailsAndItsWorkerGoesOn() throws {
        let state = try TestState()
        try state.setGlobal("park", TestNative.park())
        let source = """
            local list = {}
            for i = 1, 5 do
              list[i] = coroutine.wrap(function(x)
                local guard <close> = setmetatable({}, {__close = function() list[i] = park({x}) end})
                return park(string.rep("text " .. i, 20 + x))
              end)
              list[i](i)
            end
            return #list, (select('#', table.unpack({}, 1, 200)))
            """
        let green = try TestGreen(state)
        var failures = 0
        for countdown in 1... {
            try #require(countdown < 2_000)
            try state.load(source, on: green.thread)
            cg_fail_allocations(state.lua, UInt64(countdown))
            var results: Int32 = 0
            var status = cg_resume(green.thread, 0, nil, &results)
            while status == CG_PARKED { status = cg_resume(green.thread, 0, nil, &results) }
            cg_fail_allocations(state.lua, 0)
            if status == CG_DONE {
                #expect(results == 2)
                cg_set_top(green.thread, 0)
                break
            }
            try #require(status == CG_FAILED)
            #expect(state.text(-1, on: green.thread)?.hasSuffix("not enough memory") == true)
            #expect(cg_traceback(state.lua, green.thread, 0) == CG_OK)
            cg_set_top(state.lua, 0)
            cg_reset(green.thread, nil)
            #expect(cg_top(green.thread) == 0)
            failures += 1
            #expect(try state.run("return 'alive'") == "alive")
            #expect(try green.finish("return park('alive')") == .done("alive"))
        }
        #expect(failures > 20)
    }

    @Test func aGreenCatchesItsLackOfMemory() throws {
        let state = try TestState()
        let green = try TestGreen(state)
        var caught = 0
        for countdown in UInt64(1)...30 {
            try state.load("return select(2, pcall(function() return {{}, {}, {}} end))", on: green.thread)
            cg_fail_allocations(state.lua, countdown)
            var results: Int32 = 0
            let status = cg_resume(green.thread, 0, nil, &results)
            cg_fail_allocations(state.lua, 0)
            if status == CG_DONE, state.text(-1, on: green.thread) == "not enough memory" { caught += 1 }
            cg_reset(green.thread, nil)
        }
        #expect(caught >= 4)
    }

    @Test func resettingAGreenWithoutMemoryEndsItAllTheSame() throws {
        let state = try TestState()
        try state.setGlobal("park", TestNative.park())
        let green = try TestGreen(state)
        for countdown in UInt64(1)...20 {
            #expect(
                try green.step(
                    """
                    local guard <close> = setmetatable({}, {__close = function() local list = {{}, {}, {}} end})
                    park()
                    """) == .parked)
            cg_fail_allocations(state.lua, countdown)
            cg_reset(green.thread, nil)
            cg_fail_allocations(state.lua, 0)
            #expect(cg_top(green.thread) == 0)
            #expect(try green.finish("return park(1)") == .done("1"))
        }
    }
}
