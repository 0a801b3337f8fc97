import CGreen
import CLua
import Foundation
import Testing

/// Random calls of find, match, gmatch and gsub, compared with stock Lua's. A million:
/// GREENHOUSE_FUZZ_INPUTS=1000000 swift test -c release --filter PatternFuzz
@Suite struct PatternFuzzTests {
    private let state: TestState
    private let green: TestSlicedGreen

    /// In all, shared evenly by the tests' arguments.
    private static let inputs =
        ProcessInfo.processInfo.environment["GREENHOUSE_FUZZ_INPUTS"].flatMap(Int.init) ?? 20_000

    init() throws {
        state = try TestState()
        try state.setGlobal("park", TestNative.park())
        try state.run("ours = string; strings = getmetatable('')")
        lua_pushcclosure(state.lua, luaopen_string, 0)
        try #require(cg_call(state.lua, 0, 1) == CG_OK)
        try state.setGlobal("stock")
        try state.run("debug.setmetatable('', strings)")
        let folder = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        try state.push(folder + "/Scripts/membrane/patterns.lua")
        try state.setGlobal("path")
        try state.run("fuzz = dofile(path)")
        green = try TestSlicedGreen(state)
    }

    /// 0: the search is never broken; n: it gives way at every n-th of its steps.
    @Test(arguments: 0...3, 1...4)
    func resultsAndErrorsAreStockLuas(every: Int32, seed: Int) throws {
        cg_end_slices(state.lua, every)
        let count = Self.inputs / 4
        let outcome = try green.finish(
            "return fuzz.compare(\(seed * 4 + Int(every)), \(count / 4), ours, stock, park)")
        let parts = outcome.split(separator: ", ", maxSplits: 2, omittingEmptySubsequences: false)
        #expect(parts.first == "", "\(outcome)")
        let raised = try #require(parts.dropFirst().first.flatMap { Int($0) })
        let found = try #require(parts.last.flatMap { Int($0) })
        #expect(raised > count / 200)
        #expect(found > count / 20)
        #expect(every == 0 ? green.breaks == 0 : green.breaks > count / 4)
        #expect(green.parks > count / 500)
    }
}
