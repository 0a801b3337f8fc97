import LuaRuntime

/// `green.list([{traceback = true}])`: every green that lives, in the order of their starts, as a fresh list of tables.
///
/// Fields: `name`, `subject` (what it is for: "GET /users/1"; of requests), `id`, `state` ("running", "ready", "parked"), `waits_for` (nil when it does not), `since` (seconds since
/// it last gave up the loop, or was started), `cpu` (seconds of processor time), `at` (where it stands), `defined` (where
/// its function is), `parent` (the id of the green that spawned it, nil for none), `spawned` (the line that did, nil unless
/// that is recorded), and with the option `traceback`.
enum GreenList {
    static let native = Native("green.list") { state in
        let lua = LuaStack(state)
        guard lua.isNil(at: 1) || lua.type(at: 1) == .table else {
            return lua.fail(argument: 1, expected: "table of options")
        }
        let scheduler = Scheduler.of(lua)
        guard lua.reserve(10) else { return lua.fail("stack overflow") }
        do throws(LuaFailure) {
            var wantsTraceback = false
            if lua.type(at: 1) == .table {
                if let name = try lua.unknownOption(of: 1, beside: ["traceback"]) {
                    return lua.fail(argument: 1, "unknown option '\(name)': expected traceback")
                }
                try lua.pushField("traceback", of: 1)
                wantsTraceback = lua.boolean(at: -1)
                lua.pop()
            }
            let alive = scheduler.liveWorkers()
            try lua.pushTable(items: alive.count)
            for (index, worker) in alive.enumerated() {
                try push(GreenAccount(worker), on: lua)
                if wantsTraceback {
                    try lua.push(scheduler.traceback(of: worker))
                    try lua.setField("traceback", of: -2)
                }
                try lua.rawSet(position: index + 1, in: -2)
            }
        } catch {
            return Native.raise
        }
        return 1
    }

    private static func push(_ account: GreenAccount, on lua: LuaStack) throws(LuaFailure) {
        try lua.pushTable(fields: 11)
        lua.push(account.serial)
        try lua.setField("id", of: -2)
        lua.push(account.seconds)
        try lua.setField("since", of: -2)
        lua.push(account.processorTime)
        try lua.setField("cpu", of: -2)
        if account.parent != 0 {
            lua.push(account.parent)
            try lua.setField("parent", of: -2)
        }
        let texts = [
            ("name", account.name), ("state", "\(account.state)"), ("waits_for", account.waitsFor ?? ""),
            ("subject", account.subject ?? ""),
            ("at", account.place), ("defined", account.definition), ("spawned", account.spawnSite),
        ]
        for (name, text) in texts where !text.isEmpty {
            try lua.push(text)
            try lua.setField(name, of: -2)
        }
    }
}
