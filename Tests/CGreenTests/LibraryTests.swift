import CGreen
import CLua
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
