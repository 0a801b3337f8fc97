import LuaRuntime

/// Puts the `green` module into a state: `require "green"`, and its words as globals.
enum GreenModule {
    private static let classes = [
        ErrorObject.definition, Future.definition, GreenLock.definition, GreenPool.definition, Semaphore.definition,
        Event.definition, Queue.definition, Condition.definition, GreenHandle.definition, GreenLocals.definition,
    ]

    private static var functions: [(String, Native)] {
        [
            ("wait", Wait.native), ("spawn", Spawn.spawn), ("sleep", Spawn.sleep), ("now", Spawn.now),
            ("future", Spawn.future), ("timeout", DeadlineScope.native), ("shield", Shield.native),
            ("current", GreenHandle.current),
            ("info", Info.native), ("list", GreenList.native),
            ("GreenPool", GreenPool.make), ("GreenLock", GreenLock.make), ("Semaphore", Semaphore.make),
            ("Event", Event.make), ("Queue", Queue.make), ("Condition", Condition.make),
        ]
    }

    /// Which of them scripts also find as globals.
    private static let globals = ["wait", "run_in_greenlet", "GreenPool", "GreenLock"]

    static func install(in scheduler: Scheduler, globals wantsGlobals: Bool) throws(LuaError) {
        let lua = scheduler.lua
        for definition in classes { try lua.register(definition) }
        do {
            try installParts(in: scheduler, globals: wantsGlobals)
        } catch let error as LuaError {
            throw error
        } catch {
            throw LuaError(taking: lua.main, status: 2)
        }
    }

    private static func installParts(in scheduler: Scheduler, globals wantsGlobals: Bool) throws {
        let lua = scheduler.lua
        let stack = lua.main
        scheduler.timedOutSlot = try hold(.timeout, "timeout", in: lua)
        scheduler.cancelledSlot = try hold(.cancelled, "cancelled", in: lua)
        scheduler.spentSlot = try hold(.limit, "out of processor time: this green has used what it may", in: lua)
        scheduler.memorySlot = try lua.vault.reserve()
        try stack.push("not enough memory")
        lua.vault.store(scheduler.memorySlot, from: stack)
        scheduler.waitSlot = try lua.vault.reserve()
        try stack.push(Wait.native)
        lua.vault.store(scheduler.waitSlot, from: stack)

        try stack.pushTable(fields: 24)
        for (name, native) in functions {
            try stack.push(native)
            try stack.setField(name, of: -2)
        }
        lua.vault.push(scheduler.timedOutSlot, on: stack)
        try stack.setField("timed_out", of: -2)
        lua.vault.push(scheduler.cancelledSlot, on: stack)
        try stack.setField("cancelled", of: -2)
        lua.vault.push(scheduler.spentSlot, on: stack)
        try stack.setField("out_of_time", of: -2)
        _ = try stack.pushObject(of: GreenLocals.definition, size: 0)
        try stack.setField("locals", of: -2)

        try lua.load(PackageResources.green_lua, name: "=green.lua")
        stack.pushCopy(of: -2)
        try stack.pushMembers(of: GreenPool.definition)
        try stack.push(FutureGroup.all)
        try stack.push(FutureGroup.any)
        try lua.call(on: stack, arguments: 4, results: 1)
        scheduler.textSlot = try lua.vault.reserve()
        lua.vault.store(scheduler.textSlot, from: stack)

        if wantsGlobals {
            for name in globals {
                try stack.pushField(name, of: -1)
                stack.pushGlobals()
                stack.insert(at: -2)
                try stack.setField(name, of: -2)
                stack.pop()
            }
        }
        stack.pushCopy(of: -1)
        scheduler.moduleSlot = try lua.vault.reserve()
        lua.vault.store(scheduler.moduleSlot, from: stack)
        // `require` calls a loader: a function that returns the table.
        try stack.push(loader, upvalues: 1)
        try lua.preload("green")
        try stack.push(Event.make)
        try lua.setEventMaker()
    }

    private static func hold(_ kind: LuaError.Kind, _ message: String, in lua: LuaState) throws -> Int32 {
        let slot = try lua.vault.reserve()
        try lua.main.push(reference: ErrorObject(kind, message), as: ErrorObject.definition)
        lua.vault.store(slot, from: lua.main)
        return slot
    }

    private static let loader = Native("green") { state in
        LuaStack(state).pushUpvalue(1)
        return 1
    }
}
