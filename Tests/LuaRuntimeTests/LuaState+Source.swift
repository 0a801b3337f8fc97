import LuaRuntime

/// How the tests of this room run Lua.
extension LuaState {
    /// A state with all libraries.
    static func forTest(owner: UnsafeMutableRawPointer? = nil) throws -> LuaState {
        let state = try LuaState(owner: owner)
        try state.open(.all)
        return state
    }

    /// The values of `return …` as `tostring` gives them, with ", " between.
    @discardableResult
    func run(_ source: String) throws -> String {
        let before = main.top
        defer { main.setTop(before) }
        try load(Array(source.utf8), name: "=test")
        try call(on: main, arguments: 0, results: -1)
        return (before..<main.top).map { main.description(of: $0 + 1) }.joined(separator: ", ")
    }

    /// Pushes what a Lua expression gives.
    func push(expression: String) throws {
        try load(Array("return \(expression)".utf8), name: "=test")
        try call(on: main, arguments: 0, results: 1)
    }

    /// Takes the top value as a global.
    func setGlobal(_ name: String) throws {
        main.pushGlobals()
        main.insert(at: -2)
        try main.setField(name, of: -2)
        main.pop()
    }

    /// Makes a native a global function.
    func setGlobal(_ name: String, _ native: Native) throws {
        try main.push(native)
        try setGlobal(name)
    }

    /// A coroutine kept alive by the vault.
    func makeThread() throws -> LuaStack {
        let slot = try vault.reserve()
        let thread = try main.pushThread()
        vault.store(slot, from: main)
        return thread
    }
}
