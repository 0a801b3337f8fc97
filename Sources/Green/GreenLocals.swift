import LuaRuntime

/// `green.locals`: a table whose fields belong to the green that reads or writes them; gone when the green ends.
enum GreenLocals {
    static let definition: ClassDefinition = ClassDefinition(
        "green.locals", metamethods: [.method("__index", read), .method("__newindex", write)])

    private static let read = Native("green.locals.get") { state in
        let lua = LuaStack(state)
        let scheduler = Scheduler.of(lua)
        guard let worker = scheduler.running else { return lua.fail("green.locals is for greens: there is none here") }
        guard worker.localsSlot != 0 else {
            lua.pushNil()
            return 1
        }
        scheduler.lua.vault.push(worker.localsSlot, on: lua)
        lua.replace(at: 1)
        do { try lua.get(from: 1) } catch { return Native.raise }
        return 1
    }

    private static let write = Native("green.locals.set") { state in
        let lua = LuaStack(state)
        let scheduler = Scheduler.of(lua)
        guard let worker = scheduler.running else { return lua.fail("green.locals is for greens: there is none here") }
        do {
            if worker.localsSlot == 0 {
                let slot = try scheduler.lua.vault.reserve(reporting: lua)
                do { try lua.pushTable() } catch {
                    scheduler.lua.vault.release(slot)
                    return Native.raise
                }
                scheduler.lua.vault.store(slot, from: lua)
                worker.localsSlot = slot
            }
            scheduler.lua.vault.push(worker.localsSlot, on: lua)
            lua.replace(at: 1)
            try lua.rawSet(in: 1)
        } catch {
            return Native.raise
        }
        return 0
    }
}
