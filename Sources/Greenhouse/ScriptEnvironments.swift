import Green
import LuaRuntime

/// Gives each script of a closed sandbox globals of its own, and keeps what scripts share from being changed.
///
/// Loop thread only.
final class ScriptEnvironments {
    private let lua: LuaState
    /// The function that makes the globals of one script; nil where all scripts have the host's.
    private let maker: Int32?

    /// Called when all that scripts share is in the state.
    /// - Throws: `.file` for a module folder that is none, `.runtime` for libraries that no sandbox can hold.
    init(in scheduler: Scheduler, _ libraries: LuaLibraries, _ sandbox: ScriptSandbox) throws(LuaError) {
        lua = scheduler.lua
        let before = lua.main.top
        do {
            if !libraries.contains(.base) {
                maker = nil
            } else if sandbox.isClosed {
                maker = try Self.close(scheduler, libraries, sandbox)
            } else {
                maker = nil
                if sandbox.hasStrictGlobals { try Self.makeGlobalsStrict(in: lua) }
            }
        } catch let error as LuaError {
            lua.main.setTop(before)
            throw error
        } catch {
            throw LuaError(valueOnTopOf: lua.main)
        }
    }

    /// The vault's number of the function that makes the globals of one script.
    private static func close(
        _ scheduler: Scheduler, _ libraries: LuaLibraries, _ sandbox: ScriptSandbox
    ) throws -> Int32 {
        if !libraries.isDisjoint(with: [.package, .debug]) {
            throw LuaError(
                .runtime,
                "a closed sandbox cannot have the package and debug libraries, which reach all scripts: "
                    + "leave them out (.sandboxed has what is safe of them), or open the sandbox")
        }
        let folders = try sandbox.moduleFolders.map { try ModuleFolder($0) }
        // The host's own `require`: GreenHttp looks for JSON by it. Scripts get one each.
        try Sandbox.install(in: scheduler, libraries)
        let lua = scheduler.lua
        let stack = lua.main
        try lua.load(PackageResources.environment_lua, name: "=[sandbox]")
        try stack.pushSandbox()
        scheduler.pushModule(on: stack)
        try stack.push(Sandbox.openJSON)
        try stack.push(ModuleFolder.read)
        try stack.pushTable(items: folders.count)
        for (index, folder) in folders.enumerated() {
            try stack.push(folder.path)
            try stack.rawSet(position: index + 1, in: -2)
        }
        stack.push(sandbox.hasStrictGlobals)
        try lua.call(on: stack, arguments: 6, results: 1)
        let maker = try lua.vault.reserve()
        lua.vault.store(maker, from: stack)
        return maker
    }

    private static func makeGlobalsStrict(in lua: LuaState) throws {
        try lua.load(Array("local s = ... setmetatable(_G, s.global_metatable(_G, {}))".utf8), name: "=strict globals")
        try lua.main.pushSandbox()
        try lua.call(on: lua.main, arguments: 1, results: 0)
    }

    /// Gives the chunk on top of the main stack globals: those given, or else, where scripts have their own, fresh ones.
    /// - Throws: `.memory`, or that the globals are of another host; the chunk is gone then.
    func isolate(_ globals: ScriptGlobals? = nil) throws(LuaError) {
        do throws(LuaError) {
            if let globals {
                do throws(LuaFailure) {
                    try LuaFunction(reference: globals.reference).pushLua(on: lua.main)
                } catch {
                    throw LuaError(error, taking: lua.main)
                }
            } else if maker != nil {
                try pushGlobals()
            } else {
                return
            }
        } catch {
            lua.main.pop()
            throw error
        }
        lua.setEnvironment()
    }

    /// Pushes fresh globals, or, where all scripts have the host's, those.
    func pushGlobals() throws(LuaError) {
        guard let maker else {
            lua.main.pushGlobals()
            return
        }
        lua.vault.push(maker, on: lua.main)
        try lua.call(on: lua.main, arguments: 0, results: 1)
    }
}
