import CGreen
import Testing

@Suite struct StateTests {
    @Test func theHostIsReachableFromAnyCoroutine() throws {
        let host = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)
        defer { host.deallocate() }
        let lua = try #require(cg_open(host))
        try #require(cg_new_thread(lua) == CG_OK)
        let thread = try #require(cg_to_thread(lua, -1))
        #expect(cg_host(lua) == host)
        #expect(cg_host(thread) == host)
        #expect(cg_main(thread) == lua)
        #expect(cg_close(thread) == 0)
    }

    @Test func onlyTheNamedLibrariesAreOpened() throws {
        let state = try TestState(libraries: Int32(CG_LIB_BASE | CG_LIB_MATH))
        #expect(
            try state.run("return type(math), string, io, os, debug, package, coroutine, table, utf8")
                == "table, nil, nil, nil, nil, nil, nil, nil, nil")
    }

    @Test func closingFreesGreensThatWait() throws {
        let state = try TestState()
        try state.setGlobal("park", TestNative.park())
        for slot in Int64(1)...20 {
            let green = try TestGreen(state, slot: slot)
            let outcome = try green.step(
                """
                local guard <close> = setmetatable({}, {__close = function() end, __gc = function() park() end})
                for value in coroutine.wrap(function() coroutine.yield(park({})) end) do return park(value) end
                """)
            #expect(outcome == .parked)
        }
        state.close()
    }

    @Test func aResetThatTriesToWaitIsRefusedAndTheGreenGoesOn() throws {
        let state = try TestState()
        try state.setGlobal("park", TestNative.park())
        let green = try TestGreen(state)
        #expect(
            try green.step(
                """
                local outer <close> = setmetatable({}, {__close = function(_, e) seen = tostring(e) end})
                local inner <close> = setmetatable({}, {__close = function() coroutine.wrap(function() park() end)() end})
                park()
                """) == .parked)
        #expect(cg_reset(green.thread, nil) == CG_ERRRUN)
        #expect(try state.run("return seen:gsub('test:2: ', '')").hasPrefix("'park' cannot wait here"))
        #expect(try green.finish("return park(1)") == .done("1"))
    }

    @Test func closingRunsFinalizers() throws {
        let state = try TestState()
        try state.setGlobal("pass", TestNative.pass())
        try state.run("keep = setmetatable({}, {__gc = function() pass('still works') error('to warn') end})")
        state.close()
    }
}
