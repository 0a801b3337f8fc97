import Green
import LuaRuntime

/// What a host adds to, and takes from, the libraries it opens.
enum Sandbox {
    /// Makes `green` a global. Without the package library: `require` of what the host brings, and no `dofile` or
    /// `loadfile`. In any case `load` takes text only, since bytecode can crash Lua 5.4.
    static func install(in scheduler: Scheduler, _ libraries: LuaLibraries) throws(LuaError) {
        guard libraries.contains(.base) else { return }
        let lua = scheduler.lua
        try lua.load(Array(source.utf8), name: "=sandbox.lua")
        scheduler.pushModule(on: lua.main)
        lua.main.push(libraries.contains(.package))
        try lua.call(on: lua.main, arguments: 2, results: 0)
    }

    private static let source = """
        local module, has_package = ...
        local load, select, tostring, type, error = load, select, tostring, type, error
        green = module
        function _G.load(chunk, name, mode, ...)
          if mode ~= nil and mode ~= "t" and mode ~= "bt" then
            return nil, "only text chunks can be loaded (mode is '" .. tostring(mode) .. "')"
          elseif select("#", ...) > 0 then
            return load(chunk, name, "t", (...))
          end
          return load(chunk, name, "t")
        end
        if not has_package then
          dofile, loadfile = nil, nil
          function require(name)
            if name == "green" then
              return module
            end
            error("module '" .. tostring(name) .. "' not found: this host opens no package library", 2)
          end
        end
        """
}
