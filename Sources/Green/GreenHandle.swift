import LuaRuntime

/// What scripts see of a green: `green.current()`, `lock.owner`. One handle for a run, so `==` tells greens apart.
enum GreenHandle {
    private struct Payload {
        var position: Int32
        var serial: Int
    }

    static let definition: ClassDefinition = ClassDefinition(
        "green",
        members: [.property("name", 1), .property("id", 2), .property("state", 3)],
        get: Native("green.get") { state in
            let lua = LuaStack(state)
            guard let payload = lua.object(at: 1, of: definition) else {
                return lua.fail(argument: 1, expected: "green")
            }
            let run = payload.load(as: Payload.self)
            let scheduler = Scheduler.of(lua)
            let worker = scheduler.workers[Int(run.position)]
            do {
                switch lua.integer(at: 3) {
                case 1: try lua.push("green \(run.serial)")
                case 2: lua.push(run.serial)
                default:
                    let alive = worker.serial == run.serial && worker.state != .idle
                    try lua.push(alive ? "\(worker.state)" : "ended")
                }
            } catch {
                return Native.raise
            }
            return 1
        },
        metamethods: [
            .method(
                "__tostring",
                Native("green.tostring") { state in
                    let lua = LuaStack(state)
                    guard let payload = lua.object(at: 1, of: definition) else {
                        return lua.fail(argument: 1, expected: "green")
                    }
                    do { try lua.push("green \(payload.load(as: Payload.self).serial)") } catch { return Native.raise }
                    return 1
                })
        ])

    /// Pushes the handle of a worker's run; a code: 1, or raise.
    static func push(_ worker: GreenWorker, on lua: LuaStack) -> Int32 {
        let vault = worker.scheduler.lua.vault
        if worker.handleSlot != 0 {
            vault.push(worker.handleSlot, on: lua)
            return 1
        }
        do {
            let payload = try lua.pushObject(of: definition, size: MemoryLayout<Payload>.size)
            payload.storeBytes(of: Payload(position: worker.position, serial: worker.serial), as: Payload.self)
            let slot = try vault.reserve(reporting: lua)
            lua.pushCopy(of: -1)
            vault.store(slot, from: lua)
            worker.handleSlot = slot
            return 1
        } catch {
            return Native.raise
        }
    }

    /// `green.current()`: the green that runs; nil outside of any.
    static let current = Native("green.current") { state in
        let lua = LuaStack(state)
        guard let worker = Scheduler.of(lua).running else {
            lua.pushNil()
            return 1
        }
        return push(worker, on: lua)
    }
}
