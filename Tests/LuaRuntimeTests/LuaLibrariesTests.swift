import LuaRuntime
import Testing

@Suite struct LuaLibrariesTests {
    private static let names: [(LuaLibraries, String)] = [
        (.coroutine, "coroutine"), (.table, "table"), (.string, "string"), (.math, "math"), (.utf8, "utf8"),
        (.package, "package"), (.io, "io"), (.os, "os"), (.debug, "debug"),
    ]

    private func opened(_ libraries: LuaLibraries) throws -> [String] {
        let state = try LuaState()
        try state.open(libraries.union(.base))
        return try Self.names.map(\.1).filter { try state.run("return \($0) ~= nil") == "true" }
    }

    @Test(arguments: names.indices) func eachOpensItself(index: Int) throws {
        #expect(try opened(Self.names[index].0) == [Self.names[index].1])
    }

    @Test func allIsAll() throws {
        #expect(try opened(.all) == Self.names.map(\.1))
    }

    @Test func computingReachesNothingOutside() throws {
        #expect(try opened(.computing) == ["coroutine", "table", "string", "math", "utf8"])
        let state = try LuaState()
        try state.open(.computing)
        #expect(try state.run("return require, io, os, package, debug") == "nil, nil, nil, nil, nil")
    }
}
