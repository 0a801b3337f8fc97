import CGreen
import CLua
import Glibc
import Testing

/// The scenarios of `library.lua` in a state with Greenhouse's libraries, or with Lua's own.
struct LibraryScenarios {
    let state: TestState
    let count: Int

    init(stock: Bool) throws {
        state = try TestState()
        if stock { try Self.replace(in: state) }
        try state.setGlobal("pass", TestNative.pass())
        try state.setGlobal("park", TestNative.park())
        let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        try state.push(folder + "/Scripts/membrane/library.lua")
        try state.setGlobal("path")
        try state.run("scenarios = dofile(path)")
        count = try #require(Int(try state.run("return scenarios.count()")))
        try #require(count > 20)
    }

    /// Puts Lua's own libraries where Greenhouse's are.
    private static func replace(in state: TestState) throws {
        let openers: [(String, @convention(c) (OpaquePointer?) -> Int32)] = [
            ("_G", luaopen_base), ("package", luaopen_package), ("table", luaopen_table), ("string", luaopen_string),
        ]
        for (name, open) in openers {
            lua_pushcclosure(state.lua, open, 0)
            try #require(cg_call(state.lua, 0, 1) == CG_OK)
            try state.setGlobal(name)
            try state.run("package.loaded['\(name)'] = \(name)")
        }
    }

    func name(_ index: Int) throws -> String { try state.run("return scenarios.name(\(index))") }

    func outcome(_ index: Int) throws -> String { try state.run("return scenarios.run(\(index), pass)") }
}

/// The first place where two texts differ, with what is around it.
private func difference(_ ours: String, _ stock: String) -> String {
    let (a, b) = (Array(ours.utf8), Array(stock.utf8))
    let place = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
    func around(_ text: [UInt8]) -> String {
        String(decoding: text[max(0, place - 200)..<min(text.count, place + 200)], as: UTF8.self)
    }
    return "ours:\n\(around(a))\nLua's:\n\(around(b))"
}

@Suite struct LibraryConformanceTests {
    private let stock: LibraryScenarios
    private let ours: LibraryScenarios

    init() throws {
        stock = try LibraryScenarios(stock: true)
        ours = try LibraryScenarios(stock: false)
    }

    @Test func theLibrariesDoWhatLuasOwnDo() throws {
        for index in 1...ours.count {
            let (name, mine, its) = (try ours.name(index), try ours.outcome(index), try stock.outcome(index))
            #expect(mine == its, "\(name): \(difference(mine, its))")
        }
    }

    @Test(arguments: [0, 1, 2, 3]) func parksAndEndsOfSlicesChangeNothingThatAScriptCanSee(every: Int) throws {
        var parks = 0
        for index in 1...ours.count {
            let (name, its) = (try ours.name(index), try stock.outcome(index))
            let green = try TestGreen(ours.state)
            cg_set_slice(ours.state.lua, 0) { _, mayPark in Int32(mayPark ? CG_GIVE_WAY : CG_GO_ON) }
            cg_end_slices(ours.state.lua, Int32(every))
            let outcome = try green.finish("return scenarios.run(\(index), park)")
            cg_end_slices(ours.state.lua, 0)
            guard case .done(let mine) = outcome else {
                Issue.record("\(name): \(outcome)")
                continue
            }
            #expect(mine == its, "\(name): \(difference(mine, its))")
            parks += green.parks
        }
        #expect(parks > (every == 1 ? 300_000 : 5_000))
    }
}

@Suite struct LibraryTests {
    /// One use of each function that waits in what it calls.
    private static let uses = """
        local list = {3, 1, 2}
        local slow = setmetatable({}, {
          __index = function(_, key) return park(list[key]) end,
          __newindex = function(_, key, value) park() list[key] = value end,
          __len = function() return park(#list) end})
        table.insert(slow, 1, 5)
        table.sort(slow, function(a, b) return park(a < b) end)
        local text = table.concat(slow, ", ") .. table.remove(slow) .. select("#", table.unpack(slow))
        table.move(slow, 1, 2, 2)
        for i, item in ipairs(slow) do text = text .. i .. item end
        local object = setmetatable({}, {__tostring = function() return park("object") end})
        text = text .. tostring(object) .. ("%5s"):format(object)
        local pieces = {"return ", "'loaded'"}
        text = text .. load(function() return park(table.remove(pieces, 1)) end)()
        package.preload.used = function() return park("used") end
        package.loaded.used = nil
        return text .. require "used"
        """
    private static let text = "1, 2, 3, 553112132objectobjectloadedused"

    private func state() throws -> TestState {
        let state = try TestState()
        try state.setGlobal("park", TestNative.park())
        return state
    }

    @Test func everyAllocationMayFailInTheLibrary() throws {
        let state = try state()
        let green = try TestGreen(state)
        #expect(try green.finish(Self.uses) == .done(Self.text))
        var failures = 0
        for countdown in UInt64(1)... {
            try #require(countdown < 2_000)
            try state.load(Self.uses, on: green.thread)
            cg_fail_allocations(state.lua, countdown)
            var results: Int32 = 0
            var status = cg_resume(green.thread, 0, nil, &results)
            while status == CG_PARKED { status = cg_resume(green.thread, 0, nil, &results) }
            cg_fail_allocations(state.lua, 0)
            if status == CG_DONE {
                cg_set_top(green.thread, 0)
                break
            }
            #expect(state.text(-1, on: green.thread)?.hasSuffix("not enough memory") == true)
            cg_reset(green.thread, nil)
            failures += 1
            #expect(try green.finish(Self.uses) == .done(Self.text), "after failure \(countdown)")
        }
        #expect(failures > 30)
    }

    @Test func aGreenMayBeGivenUpInEachWait() throws {
        let state = try state()
        let green = try TestGreen(state)
        for waits in 1... {
            var outcome = try green.step(Self.uses)
            for _ in 1..<waits where outcome == .parked { outcome = try green.step() }
            guard outcome == .parked else { break }
            cg_reset(green.thread, nil)
            #expect(cg_collect(state.lua) == CG_OK)
        }
        #expect(green.parks > 300)
        #expect(try green.finish(Self.uses) == .done(Self.text))
    }

    @Test func aScriptMayBeInterruptedAtEachInstruction() throws {
        let state = try state()
        cg_set_slice(state.lua, 0) { _, mayPark in Int32(mayPark ? CG_GIVE_WAY : CG_GO_ON) }
        cg_count_instructions(state.lua, 1)
        let green = try TestGreen(state)
        #expect(try green.finish(Self.uses) == .done(Self.text))
        #expect(green.parks > 400)
    }

    @Test func aModuleThatAnotherGreenLoadsIsAnErrorWithoutEvents() throws {
        let state = try state()
        let (first, second) = (try TestGreen(state), try TestGreen(state, slot: 2))
        try state.run("package.preload.slow = function() return park('made') end")
        #expect(try first.step("return require 'slow'") == .parked)
        #expect(try second.step("require 'slow'") == .failed("test:1: module 'slow' is being loaded by another green"))
        #expect(try first.step() == .done("made, :preload:"))
        #expect(try second.step("return require 'slow'") == .done("made"))
    }

    @Test func theFunctionInTheWayIsNamed() throws {
        let state = try state()
        try state.setGlobal(
            "barrier",
            TestNative.make("barrier") { lua in
                withUnsafeTemporaryAllocation(of: CChar.self, capacity: 100) { buffer in
                    guard let start = buffer.baseAddress else { return Int32(CG_RAISE) }
                    cg_barrier(lua, start, 100)
                    return cg_push_bytes(lua, start, strlen(start)) == CG_OK ? 1 : Int32(CG_RAISE)
                }
            })
        try state.run(TestNative.below)
        let green = try TestGreen(state)
        #expect(
            try green.finish(
                """
                local free, time, called, finalizer = barrier()
                below(function() time = barrier() end)
                pcall(os.time, setmetatable({}, {__index = function() called = barrier() return 1 end}))
                table.sort({2, 1}, function() tostring(setmetatable({}, {__tostring = function()
                  free = free .. select(2, pcall(coroutine.wrap(barrier))) return "" end})) end)
                setmetatable({}, {__gc = function() finalizer = barrier() end})
                collectgarbage()
                local _, handler = xpcall(error, function() return (barrier()) end)
                return free, time, called, finalizer, handler
                """)
                == .done(", 'time' (a C function), 'os.time' (a C function), a __gc metamethod, a message handler"))
    }
}
