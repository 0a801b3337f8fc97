import LuaRuntime

/// `green.info()`: figures of the host at this moment, as a fresh table.
///
/// `greens`: how many there are by what they do; `lua_memory`: bytes the Lua state has in use; and what rooms add by
/// `Scheduler.addInfo`.
enum Info {
    /// What a room adds: a name, and what pushes its value.
    struct Provider {
        let name: String
        let push: (LuaStack) throws(LuaFailure) -> Void
    }

    static let native = Native("green.info") { state in
        let lua = LuaStack(state)
        let scheduler = Scheduler.of(lua)
        do throws(LuaFailure) {
            try lua.pushTable(fields: 2 + scheduler.infoProviders.count)
            try pushGreens(scheduler, lua)
            try lua.setField("greens", of: -2)
            lua.push(scheduler.lua.memory.bytes)
            try lua.setField("lua_memory", of: -2)
            for provider in scheduler.infoProviders {
                let before = lua.top
                guard lua.reserve(10) else { return lua.fail("stack overflow") }
                try provider.push(lua)
                precondition(lua.top == before + 1, "the provider of '\(provider.name)' must push one value")
                try lua.setField(provider.name, of: -2)
            }
        } catch {
            return Native.raise
        }
        return 1
    }

    private static func pushGreens(_ scheduler: Scheduler, _ lua: LuaStack) throws(LuaFailure) {
        var running = 0
        var ready = 0
        var parked = 0
        var idle = 0
        for worker in scheduler.workers {
            switch worker.state {
            case .running: running += 1
            case .ready: ready += 1
            case .parked: parked += 1
            case .idle: idle += 1
            }
        }
        try lua.pushTable(fields: 5)
        let figures = [
            ("live", scheduler.liveCount), ("running", running), ("ready", ready), ("parked", parked), ("idle", idle),
        ]
        for (name, figure) in figures {
            lua.push(figure)
            try lua.setField(name, of: -2)
        }
    }
}

extension Scheduler {
    /// Adds a field to the table of `green.info()`; one of the same name is replaced.
    /// - Parameters:
    ///   - name: the field: the room's name by convention.
    ///   - push: called in each `green.info()`, on the loop's thread; pushes exactly one value, and does not run Lua.
    ///     Held until the scheduler closes, so it must not retain the scheduler.
    public func addInfo(_ name: String, push: @escaping (LuaStack) throws(LuaFailure) -> Void) {
        infoProviders.removeAll { $0.name == name }
        infoProviders.append(Info.Provider(name: name, push: push))
    }
}
