import CGreen
import Testing

@Suite struct MemoryLimitTests {
    let state: TestState

    init() throws { state = try TestState() }

    private var memory: cg_memory { cg_memory_of(state.lua) }

    @Test func aScriptCanCatchTheLimit() throws {
        cg_set_memory_limit(state.lua, memory.bytes + 200_000)
        #expect(
            try state.run(
                """
                local ok, message = pcall(function() local list = {} for i = 1, 1e7 do list[i] = {i} end end)
                return ok, message, #string.rep("x", 1000)
                """) == "false, not enough memory, 1000")
        #expect(try state.run("return pcall(string.rep, 'x', 1e9)") == "false, not enough memory")
    }

    // Small blocks are kept for the next of their size, and sizes change across the bound of what is small.
    @Test func blocksOfAllSizesAreCountedWhateverBecomesOfThem() throws {
        let churn = """
            local function churn()
              local list = {}
              for size = 1, 1200 do list[size] = string.rep(string.char(97 + size % 26), size) end
              for size = 1, 1200 do
                assert(#list[size] == size and list[size]:byte(-1) == 97 + size % 26)
                local grown = {}
                for i = 1, size % 70 do grown[i] = i end
                for i = size % 70, 1, -1 do assert(grown[i] == i) grown[i] = nil end
                list[size] = grown
              end
            end
            for _ = 1, 5 do churn() collectgarbage() end
            """
        try state.run(churn)
        try state.run("collectgarbage()")
        let bytes = memory.bytes
        try state.run(churn)
        try state.run("collectgarbage()")
        #expect(abs(Int(memory.bytes) - Int(bytes)) < 4_096)
        state.close()
    }

    @Test func theLimitIsNeverPassed() throws {
        let limit = memory.bytes + 100_000
        cg_set_memory_limit(state.lua, limit)
        #expect(memory.limit == limit)
        try state.run("for i = 1, 50 do pcall(function() local s = 'x' while true do s = s .. s end end) end")
        #expect(memory.peak <= limit)
        #expect(memory.peak > limit - 100_000)
    }

    @Test func whatIsKeptFallsWithWhatIsInUse() throws {
        try state.run("list = {} for i = 1, 100000 do list[i] = { i } end")
        try state.run("list = nil collectgarbage()")
        // Not all at once: with whatever is given back next.
        try state.run("for i = 1, 1000 do local t = { i } end collectgarbage()")
        #expect(memory.kept <= 2 * memory.bytes + 300_000)
        #expect(memory.peak > 10 * (memory.bytes + memory.kept))
    }

    // A state that has given back small tables must not take as much again for larger ones.
    @Test func whatIsKeptIsWithinTheLimitAsWell() throws {
        let limit = memory.bytes + 4_000_000
        cg_set_memory_limit(state.lua, limit)
        for fields in ["{}", "{ 1, 2, 3, 4 }", "{ a = 1, b = 2, c = 3 }", "tostring(i)"] {
            try state.run("list = nil pcall(function() for i = 1, 1e7 do list = { \(fields), list } end end)")
            #expect(memory.bytes + memory.kept <= limit)
            try state.run("list = nil collectgarbage()")
            #expect(memory.bytes + memory.kept <= limit)
        }
        #expect(memory.peak > limit - 100_000)
    }

    @Test func anUncaughtLimitIsAMemoryError() throws {
        cg_set_memory_limit(state.lua, memory.bytes + 50_000)
        try state.load("local list = {} while true do list[#list + 1] = {} end")
        #expect(cg_call(state.lua, 0, 0) == CG_ERRMEM)
        #expect(state.text(-2) == "not enough memory")
        #expect(cg_type(state.lua, -1) == CG_TNIL)
        cg_set_top(state.lua, 0)
        #expect(try state.run("return 'alive'") == "alive")
    }

    @Test func aLimitBelowWhatIsInUseTakesNothingAway() throws {
        try state.run("kept = string.rep('x', 10000)")
        cg_set_memory_limit(state.lua, 1)
        try #require(cg_new_table(state.lua, 0, 0) == CG_ERRMEM)
        cg_set_top(state.lua, 0)
        cg_set_memory_limit(state.lua, 0)
        #expect(try state.run("return #kept") == "10000")
    }

    @Test func bytesReturnToWhereTheyWere() throws {
        try state.run("collectgarbage() collectgarbage()")
        #expect(cg_collect(state.lua) == CG_OK)
        let before = memory.bytes
        for _ in 0..<3 {
            try state.run(
                """
                local list = {}
                for i = 1, 1000 do list[i] = coroutine.wrap(function() coroutine.yield({i, tostring(i)}) end) list[i]() end
                """)
            #expect(memory.bytes > before + 100_000)
            #expect(cg_collect(state.lua) == CG_OK)
            #expect(cg_collect(state.lua) == CG_OK)
        }
        // The string table may have grown for good.
        #expect(memory.bytes < before + 32_768)
        #expect(memory.peak > memory.bytes)
    }

    @Test func blocksAreCounted() throws {
        let before = memory.allocations
        try #require(cg_new_table(state.lua, 10, 0) == CG_OK)
        cg_set_top(state.lua, 0)
        #expect(memory.allocations >= before + 2)
    }

    @Test func anEndlessRecursionIsNoMemoryError() throws {
        cg_set_memory_limit(state.lua, 256 << 20)
        let text = try state.run("local function f() return 1 + f() end return select(2, pcall(f))")
        #expect(text.contains("stack overflow"))
    }
}
