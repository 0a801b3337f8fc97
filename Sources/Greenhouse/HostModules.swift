import Green
import GreenHttp
import GreenWSGI
import LuaRuntime

/// What scripts of every host find beside `green`: GreenWSGI and GreenHttp.
enum HostModules {
    /// Puts them into a state. nil when the libraries they are written with are not open.
    static func install(in scheduler: Scheduler, _ libraries: LuaLibraries) throws(LuaError) -> AppLoader? {
        guard libraries.isSuperset(of: [.base, .table, .string, .math]) else { return nil }
        let loader = try GreenWSGIModule.install(in: scheduler)
        try GreenHttpModule.install(in: scheduler, allowsFiles: libraries.contains(.io))
        return loader
    }

    /// Sets the memory limit, once all is there that a host brings.
    static func limitMemory(of scheduler: Scheduler) throws(LuaError) {
        guard let limit = scheduler.limits.memory else { return }
        let lua = scheduler.lua
        lua.collectGarbage()
        guard limit > lua.memory.bytes else {
            throw LuaError(
                .memory,
                "a memory limit of \(limit) bytes is less than an empty host takes: "
                    + "expected more than \(lua.memory.bytes)")
        }
        lua.memoryLimit = limit
    }
}
