import Green
import LuaRuntime

/// What a host adds to, and takes from, the libraries it opens.
enum Sandbox {
    /// Makes `green` a global. Without the package library: `require` of what the host brings, `green`, `cjson` and
    /// `cjson.safe`, and no `dofile` or `loadfile`.
    static func install(in scheduler: Scheduler, _ libraries: LuaLibraries) throws(LuaError) {
        guard libraries.contains(.base) else { return }
        let lua = scheduler.lua
        try lua.load(Array(source.utf8), name: "=sandbox.lua")
        scheduler.pushModule(on: lua.main)
        lua.main.push(libraries.contains(.package))
        do throws(LuaFailure) { try lua.main.push(openJSON) } catch { throw LuaError(error, taking: lua.main) }
        try lua.call(on: lua.main, arguments: 3, results: 0)
    }

    /// `open_json(safe)`: the module cjson, or cjson.safe: the one C module that scripts without a package library get,
    /// since hardly any does without JSON, and it reaches nothing.
    static let openJSON = Native("require") { state in
        let lua = LuaStack(state)
        do throws(LuaFailure) {
            try lua.pushModule(file: "cjson", opener: lua.boolean(at: 1) ? "luaopen_cjson_safe" : "luaopen_cjson")
        } catch {
            return Native.raise
        }
        return 1
    }

    private static let source = """
        local module, has_package, open_json = ...
        local tostring, error = tostring, error
        green = module
        if not has_package then
          dofile, loadfile = nil, nil
          local loaded = { green = module }
          function require(name)
            if loaded[name] == nil and (name == "cjson" or name == "cjson.safe") then
              loaded[name] = open_json(name == "cjson.safe")
            end
            if loaded[name] ~= nil then
              return loaded[name]
            end
            error("module '" .. tostring(name) .. "' not found: this host opens no package library", 2)
          end
        end
        """
}
