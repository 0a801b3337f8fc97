import LuaRuntime
import Testing

@Suite struct LuaStateTests {
    @Test func aFreshStateHasNothing() throws {
        let state = try LuaState()
        #expect(try state.run("return print, string, _G and type(_G)") == "nil, nil, nil")
        #expect(state.memory.bytes > 0)
        #expect(state.memoryLimit == nil)
        #expect(state.main.owner == nil)
    }

    @Test func theOwnerIsWhatWasGiven() throws {
        let owner = UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1)
        defer { owner.deallocate() }
        let state = try LuaState(owner: owner)
        #expect(state.main.owner == owner)
        #expect(try state.makeThread().owner == owner)
    }

    @Test func closingTwiceIsOnce() throws {
        let state = try LuaState.forTest()
        state.close()
        state.close()
    }

    @Test func aSyntaxErrorIsOfItsOwnKind() throws {
        let state = try LuaState.forTest()
        let error = #expect(throws: LuaError.self) { try state.load(Array("x = = 1".utf8), name: "@app.lua") }
        #expect(error?.kind == .syntax)
        #expect(error?.message == "app.lua:1: unexpected symbol near '='")
        #expect(state.main.top == 0)
    }

    @Test func aBinaryChunkIsRefused() throws {
        let state = try LuaState.forTest()
        let error = #expect(throws: LuaError.self) { try state.load([0x1b, 0x4c, 0x75, 0x61, 0x54], name: "=binary") }
        #expect(error?.kind == .syntax)
        #expect(error?.message.contains("binary chunk") == true)
    }

    @Test func aFailedCallThrowsWithATraceback() throws {
        let state = try LuaState.forTest()
        let error = #expect(throws: LuaError.self) {
            try state.run("local function inner()\n error('broken')\nend\ninner()")
        }
        #expect(error?.kind == .runtime)
        #expect(error?.message == "test:2: broken")
        #expect(error?.traceback.contains("test:4:") == true)
        #expect(state.main.top == 0)
    }

    @Test func theMemoryLimitIsCaughtByScriptsAndThrownToSwift() throws {
        let state = try LuaState.forTest()
        let limit = state.memory.bytes + 100_000
        state.memoryLimit = limit
        #expect(state.memoryLimit == limit)
        #expect(try state.run("return pcall(string.rep, 'x', 1e6)") == "false, not enough memory")
        let error = #expect(throws: LuaError.self) { try state.run("return string.rep('x', 1e6)") }
        #expect(error?.kind == .memory)
        #expect(error?.message == "not enough memory")
        #expect(state.memory.peak <= limit)
        state.memoryLimit = nil
        #expect(try state.run("return #string.rep('x', 1e6)") == "1000000")
        #expect(state.memory.peak > 1_000_000)
    }

    @Test func aLimitOfNothingIsStillALimit() throws {
        let state = try LuaState.forTest()
        state.memoryLimit = 0
        #expect(state.memoryLimit == 1)
        #expect(throws: LuaError.self) { try state.run("return {}") }
        state.memoryLimit = nil
    }

    @Test func openingLibrariesWithoutMemoryThrows() throws {
        let state = try LuaState()
        state.failAllocations(after: 20)
        let error = #expect(throws: LuaError.self) { try state.open(.all) }
        state.failAllocations(after: 0)
        #expect(error?.kind == .memory)
        try state.open(.all)
        #expect(try state.run("return type(io)") == "table")
    }

    @Test func requireFindsPreloadedModulesAndFiles() throws {
        let state = try LuaState.forTest()
        try state.load(Array("return {name = ...}".utf8), name: "=gift")
        try state.preload("gift")
        #expect(try state.run("return require('gift').name") == "gift")
        try state.addPackagePath("/nowhere/?.lua")
        let error = #expect(throws: LuaError.self) { try state.run("require 'missing'") }
        #expect(error?.message.contains("no file '/nowhere/missing.lua'") == true)
        #expect(state.main.top == 0)
    }

    @Test func collectionGivesBytesBack() throws {
        let state = try LuaState.forTest()
        try state.run("garbage = string.rep('x', 1e6)")
        state.collectGarbage()
        let before = state.memory.bytes
        try state.run("garbage = nil")
        state.collectGarbage()
        #expect(state.memory.bytes <= before - 1_000_000)
        #expect(state.memory.allocations > 0)
    }

    @Test func callsTakeArgumentsAndGiveTheResultsAskedFor() throws {
        let state = try LuaState.forTest()
        try state.push(expression: "function(a, b) return a + b, a * b end")
        state.main.push(3)
        state.main.push(4)
        try state.call(on: state.main, arguments: 2, results: 1)
        #expect(state.main.top == 1)
        #expect(state.main.integer(at: 1) == 7)
        state.main.setTop(0)
    }
}
