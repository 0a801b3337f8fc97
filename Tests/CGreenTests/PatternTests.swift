import CGreen
import CLua
import Testing

/// Find, match, gmatch, gsub and rep where their work is broken, stopped, or out of memory. What they answer otherwise
/// is in PatternFuzzTests.
@Suite struct PatternTests {
    let state: TestState
    let green: TestSlicedGreen

    /// Takes stock Lua half a minute; nothing else runs meanwhile.
    static let bomb = "string.find(('a'):rep(200), ('.-'):rep(12) .. 'b$')"

    init() throws {
        state = try TestState()
        try state.setGlobal("park", TestNative.park())
        green = try TestSlicedGreen(state)
    }

    @Test(arguments: ["string.match(s, p)", "string.gmatch(s, p)()", "string.gsub(s, p, '')", bomb])
    func aBombGivesWayWhenItsSliceIsOver(call: String) throws {
        // With the timer that ends slices in earnest; it stops while the test waits for the processor.
        cg_set_slice(state.lua, 1_000_000) { _, mayPark in Int32(mayPark ? CG_GIVE_WAY : CG_GO_ON) }
        try state.load("local s, p = ('a'):rep(200), ('.-'):rep(12) .. 'b$' return \(call)", on: green.thread)
        var results: Int32 = 0
        for _ in 1...5 { try #require(green.resume(&results) == CG_PREEMPTED) }
        cg_reset(green.thread, nil)
        #expect(try green.finish("return ('after'):match('f.*')") == "fter")
    }

    @Test(arguments: [
        "('a'):rep(200):find(('.-'):rep(12) .. 'b$')",
        "('a'):rep(5000):find('.*', 2)",
        "('a'):rep(5000):find('%f[b].')",
        "('a'):rep(5000):find('b', 1, true)",
        "('a'):rep(5000):find('b.')",
        "('('):rep(5000):match('%b()')",
        "('a'):rep(5000):gsub('', '')",
        "('a'):rep(5000):gsub('.', string.upper)",
        "('a'):rep(5000):gsub('.', setmetatable({}, {__index = {}}))",
        "('ab'):rep(1e6, ',')",
    ])
    func allLongWorkCanBeBroken(call: String) throws {
        cg_end_slices(state.lua, 1)
        try state.load("return coroutine.wrap(function() return \(call) end)()", on: green.thread)
        var results: Int32 = 0
        for step in 1...100 { try #require(green.resume(&results) == CG_PREEMPTED, "\(step)") }
        cg_reset(green.thread, nil)
    }

    @Test func aStopEndsASearch() throws {
        cg_set_slice(state.lua, 0) { lua, _ in
            cg_push_integer(lua, 42)
            return Int32(CG_STOP)
        }
        cg_end_slices(state.lua, 1_000)
        #expect(throws: ScriptError.self) { try green.finish("while true do pcall(function() \(Self.bomb) end) end") }
        cg_end_slices(state.lua, 0)
        #expect(try green.finish("return 1") == "1")
    }

    @Test func anErrorOfTheSchedulerIsRaisedWhereNothingCanYield() throws {
        cg_set_slice(state.lua, 0) { lua, mayPark in
            cg_push_boolean(lua, mayPark)
            return Int32(CG_RAISE)
        }
        cg_end_slices(state.lua, 1_000)
        #expect(try state.run("return pcall(function() return \(Self.bomb) end)") == "false, false")
    }

    @Test func whereNothingCanYieldTheWorkGoesOn() throws {
        cg_end_slices(state.lua, 1)
        #expect(
            try state.run("return ('key = value'):match('^(%w+)%s*=%s*(%w+)$')") == "key, value")
        #expect(
            try state.run("return ('abc'):gsub('%w', '%0%0'), ('abc'):rep(3, '-'), ('abc'):find('c', 1, true)")
                == "aabbcc, abc-abc-abc, 3, 3")
        #expect(try state.run("local n = 0 for a in ('a b c'):gmatch('%a') do n = n + 1 end return n") == "3")
        #expect(green.breaks == 0)
    }

    // Stock Lua calls itself for each, and stops at 200: "pattern too complex".
    @Test(arguments: [0, 1, 7]) func aPatternMayHaveAnyNumberOfOptionalItems(every: Int32) throws {
        cg_end_slices(state.lua, every)
        #expect(
            try green.finish("return ('a'):rep(500):find(('a?'):rep(1000)), ('b'):match(('(b?)'):rep(32) .. '$')")
                == "1, b" + String(repeating: ", ", count: 31))
    }

    @Test func choicesCountAgainstTheMemoryLimit() throws {
        let pattern = "local s, p = ('a'):rep(1e5), ('a?'):rep(1e6) "
        try state.run("collectgarbage()")
        cg_set_memory_limit(state.lua, cg_memory_of(state.lua).bytes + 8_000_000)
        #expect(try state.run(pattern + "return pcall(string.find, s, p)") == "false, not enough memory")
        cg_set_memory_limit(state.lua, 0)
        #expect(try state.run(pattern + "return string.find(s, p)") == "1, 100000")
    }

    @Test(arguments: 0...3) func replacementsMayWaitAtAnyDepth(every: Int32) throws {
        cg_end_slices(state.lua, every)
        let outcome = try green.finish(
            """
            local function nest(depth)
              return (("<x>"):gsub("x", function(x)
                if depth == 0 then return park(x) end
                return park(coroutine.wrap(function()
                  for match in ("12"):gmatch("1") do coroutine.yield(park(nest(depth - 1)) .. match) end
                end)())
              end))
            end
            local lazy = setmetatable({}, {__index = setmetatable({a = "own"}, {__index = function(t, key)
              return park(getmetatable(t) ~= nil and key:upper())
            end})})
            return nest(4), ("a-b-c"):gsub("%a", lazy)
            """)
        #expect(outcome == "<<<<<x>1>1>1>1>, own-B-C, 3")
        #expect(green.parks == 1 + 4 * 2 + 2)
    }

    @Test func aWaitingReplacementLosesNothingToAnother() throws {
        let source = """
            local text, n = ("word "):rep(400):gsub("%a+", function(word) return park(word .. word) end)
            return #text, n, ("ab"):gsub("%a", function(c) return park(c:upper()) end)
            """
        let other = try TestSlicedGreen(state, slot: 2)
        try state.load(source, on: green.thread)
        try state.load(source, on: other.thread)
        var results: Int32 = 0
        var running = [green, other]
        while !running.isEmpty {
            for one in running {
                let status = one.resume(&results)
                if status == CG_PARKED { continue }
                try #require(status == CG_DONE)
                running.removeAll { $0 === one }
                #expect((0..<4).map { state.describe($0 - 4, on: one.thread) } == ["3600", "400", "AB", "2"])
            }
            #expect(cg_collect(state.lua) == CG_OK)
        }
        #expect(green.parks == 402 && other.parks == 402)
    }

    @Test func anIteratorMayBeUsedAnewWhileASearchOfItWaits() throws {
        cg_end_slices(state.lua, 1)
        try state.run("iterator = ('one two'):gmatch('%a+')")
        let other = try TestSlicedGreen(state, slot: 2)
        try state.load("return iterator()", on: green.thread)
        var results: Int32 = 0
        try #require(green.resume(&results) == CG_PREEMPTED)
        #expect(try other.finish("return iterator()") == "one")
        #expect(try other.finish("return iterator()") == "two")
        while green.resume(&results) == CG_PREEMPTED {}
        #expect(state.describe(-1, on: green.thread) == "one")
    }

    @Test func aBrokenSearchSurvivesCollections() throws {
        cg_end_slices(state.lua, 1)
        try state.load(
            """
            local text = table.concat({"a1", "b2", "c3"}, ",")
            return (text .. text):gsub("(%a)(%d?" .. ("x?"):rep(40) .. ")", function(a, d) return {} and d .. a .. text end)
            """, on: green.thread)
        var results: Int32 = 0
        while green.resume(&results) == CG_PREEMPTED { #expect(cg_collect(state.lua) == CG_OK) }
        let all = "a1,b2,c3"
        #expect(
            state.describe(-2, on: green.thread)
                == "1a\(all),2b\(all),3c\(all)1a\(all),2b\(all),3c\(all)")
    }

    @Test func repAnswersWhatStockLuasDoes() throws {
        try state.run("ours = string strings = getmetatable('')")
        lua_pushcclosure(state.lua, luaopen_string, 0)
        try #require(cg_call(state.lua, 0, 1) == CG_OK)
        try state.setGlobal("stock")
        try state.run("debug.setmetatable('', strings)")
        for every: Int32 in 0...2 {
            cg_end_slices(state.lua, every)
            let outcome = try green.finish(
                """
                local function all(...) return ... end
                local function try(library, ...)
                  local ok, text = pcall(function(...) return all(library.rep(...)) end, ...)
                  return tostring(ok) .. tostring(text)
                end
                local counts = {-1, 0, 1, 2, 3, 7, 600, "4", 2.0, 2.5, "x", math.maxinteger, math.mininteger}
                local texts = {"", "a", "ab", ("long"):rep(300), 12, {}}
                for _, text in ipairs(texts) do
                  for _, separator in ipairs {"none", "", "-", ("sep"):rep(200), {}} do
                    for _, count in ipairs(counts) do
                      if separator == "none" then separator = nil end
                      -- Of which stock Lua makes an endless loop.
                      local nothing = text == "" and (separator or "") == "" and count == math.maxinteger
                      local expected = nothing and "true" or try(stock, text, count, separator)
                      local got = try(ours, text, count, separator)
                      if expected ~= got then return got:sub(1, 200), expected:sub(1, 200) end
                    end
                  end
                end
                return try(stock, "x", 2^31) == try(ours, "x", 2^31) and try(stock) == try(ours)
                """)
            #expect(outcome == "true")
        }
    }

    @Test func aHugeRepetitionIsRefusedByTheMemoryLimit() throws {
        cg_set_memory_limit(state.lua, cg_memory_of(state.lua).bytes + 10_000_000)
        #expect(try state.run("return pcall(string.rep, 'x', 2e9)") == "false, not enough memory")
        #expect(try state.run("return #('x'):rep(4e6)") == "4000000")
    }

    @Test(arguments: [0, 1]) func everyAllocationMayFail(every: Int32) throws {
        let source = """
            local lazy = setmetatable({}, {__index = function(_, key) return park(key .. key) end})
            local list = {("k=v, k2=v2"):find("(%w+)=(%w+)", 5), ("aaa"):match(("a?"):rep(40) .. "(a-)$")}
            for key, value in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do list[#list + 1] = key .. value end
            list[#list + 1] = ("some words"):gsub("%a+", function(word) return park(word:rep(300, "+")) end)
            list[#list + 1] = ("some words"):gsub("%a+", lazy)
            list[#list + 1] = ("some words"):gsub("(%a)(%a+)()", "%2%3" .. ("%1"):rep(1000))
            list[#list + 1] = ("needle in hay"):find("hay", 1, true)
            return #list, #table.concat(list, ";")
            """
        let expected = try green.finish(source)
        cg_end_slices(state.lua, every)
        var failures = 0
        for countdown in 1... {
            try #require(countdown < 2_000)
            try state.run("collectgarbage()")
            try state.load(source, on: green.thread)
            cg_fail_allocations(state.lua, UInt64(countdown))
            var results: Int32 = 0
            var status = green.resume(&results)
            while status == CG_PREEMPTED || status == CG_PARKED { status = green.resume(&results) }
            cg_fail_allocations(state.lua, 0)
            if status == CG_DONE { break }
            try #require(status == CG_FAILED)
            #expect(state.text(-1, on: green.thread)?.hasSuffix("not enough memory") == true)
            cg_reset(green.thread, nil)
            failures += 1
            #expect(try green.finish("return (('ab'):gsub('a', string.upper))") == "Ab")
        }
        #expect(failures > 40)
        cg_reset(green.thread, nil)
        #expect(try green.finish(source) == expected)
    }
}
