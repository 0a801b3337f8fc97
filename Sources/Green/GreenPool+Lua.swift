import LuaRuntime

/// `GreenPool([max_workers = 100], {queue = n})`: `submit`, `map`, `imap`, `shutdown`, and what it counts.
extension GreenPool {
    private enum Property: Int32 {
        case maxWorkers = 1
        case workers, idle, queued, closed, inGreenWorker, inOwnWorker
    }

    /// The class that scripts see.
    public static let definition: ClassDefinition = ClassDefinition(
        "GreenPool",
        members: [
            .method("submit", submitNative), .method("shutdown", shutdownNative),
            .property("max_workers", Property.maxWorkers.rawValue), .property("workers", Property.workers.rawValue),
            .property("idle", Property.idle.rawValue), .property("queued", Property.queued.rawValue),
            .property("closed", Property.closed.rawValue),
            .property("in_green_worker", Property.inGreenWorker.rawValue),
            .property("in_own_worker", Property.inOwnWorker.rawValue),
        ],
        get: Native("GreenPool.get") { state in
            let lua = LuaStack(state)
            guard let pool = at(1, of: lua) else { return expected(lua) }
            switch lua.integer(at: 3).flatMap({ Property(rawValue: Int32($0)) }) {
            case .maxWorkers: lua.push(pool.maxWorkers)
            case .workers: lua.push(pool.workerCount)
            case .idle: lua.push(pool.idleCount)
            case .queued: lua.push(pool.queuedCount)
            case .closed: lua.push(pool.isClosed)
            case .inOwnWorker: lua.push(pool.scheduler.running?.pool === pool)
            default: lua.push(pool.scheduler.running?.pool != nil)
            }
            return 1
        },
        set: Native("GreenPool.set") { state in
            let lua = LuaStack(state)
            guard let pool = at(1, of: lua) else { return expected(lua) }
            guard lua.integer(at: 4) == Int(Property.maxWorkers.rawValue) else {
                return lua.fail("of a GreenPool only max_workers can be set")
            }
            guard let count = lua.integer(at: 3), count > 0 else {
                return lua.fail("max_workers must be a whole number from 1 up, got \(lua.description(of: 3))")
            }
            pool.maxWorkers = count
            return 0
        },
        outside: 208, release: ClassDefinition.releaseReference)

    /// The pool at an index, or nil for any other value.
    public static func at(_ index: Int32, of lua: LuaStack) -> GreenPool? {
        lua.reference(at: index, of: definition, as: GreenPool.self)
    }

    private static func expected(_ lua: LuaStack) -> Int32 { lua.fail(argument: 1, expected: "GreenPool") }

    /// `GreenPool([max_workers], [options])`.
    static let make = Native("GreenPool") { state in
        let lua = LuaStack(state)
        lua.setTop(2)
        if lua.type(at: 1) == .table, lua.isNil(at: 2) {
            lua.pushNil()
            lua.insert(at: 1)
            lua.setTop(2)
        }
        guard lua.isNil(at: 1) || (lua.integer(at: 1) ?? -1) >= 0 else {
            return lua.fail(argument: 1, expected: "whole number of workers")
        }
        var limit: Int?
        if !lua.isNil(at: 2) {
            guard lua.type(at: 2) == .table else { return lua.fail(argument: 2, expected: "table of options") }
            do throws(LuaFailure) {
                if let name = try lua.unknownOption(of: 2, beside: ["queue"]) {
                    return lua.fail(argument: 2, "unknown option '\(name)': expected queue")
                }
                try lua.pushField("queue", of: 2)
            } catch {
                return Native.raise
            }
            guard lua.isNil(at: 3) || (lua.integer(at: 3) ?? -1) >= 0 else {
                let got = lua.description(of: 3)
                return lua.fail(argument: 2, "queue must be a whole number of jobs, 0 or more, got \(got)")
            }
            limit = lua.integer(at: 3)
        }
        let pool = GreenPool(Scheduler.of(lua), maxWorkers: lua.integer(at: 1) ?? 0, queueLimit: limit)
        do { try lua.push(reference: pool, as: definition) } catch { return Native.raise }
        return 1
    }

    /// `pool:submit(fn, ...)`: a future; inside a worker of this pool `fn` runs at once and its values come back: a
    /// worker that waited for another of its own pool could wait for ever.
    private static let submitNative = Native(
        "GreenPool:submit",
        { state in
            let lua = LuaStack(state)
            guard let pool = at(1, of: lua) else { return expected(lua) }
            if lua.top < 2 { return lua.fail(argument: 2, "function expected, got no value") }
            if pool.isClosed { return lua.fail(message(.closed)) }
            if pool.scheduler.running?.pool === pool { return Native.call(at: 2) }
            let future = Future(pool.scheduler)
            let arguments = lua.top - 2
            do {
                try lua.push(reference: future, as: Future.definition)
                lua.insert(at: 2)
                try pool.submit(from: lua, arguments: arguments, outcome: future)
                return 1
            } catch let refusal as Refusal {
                if case .failure = refusal { return Native.raise }
                return lua.fail(message(refusal))
            } catch {
                return Native.raise
            }
        },
        resumed: { state in
            // Inline in a worker: the results are at 2 and above; a future among them is waited for.
            let lua = LuaStack(state)
            let scheduler = Scheduler.of(lua)
            let reason = scheduler.takeWakeReason()
            if reason != .ready { return scheduler.raise(reason, on: lua) }
            var circle = CycleGuard()
            while lua.top >= 2, let future = Future.at(2, of: lua) {
                if circle.comesRound(to: future) { return lua.fail(Wait.circleMessage) }
                guard future.isDone else {
                    switch scheduler.permission(lua) {
                    case .refused(let code): return code
                    case .granted(let worker): return scheduler.park(worker, on: future, timeout: nil)
                    }
                }
                lua.setTop(1)
                if case .error = future.push(on: lua) { return Native.raise }
            }
            return lua.top - 1
        })

    /// `pool:shutdown([wait = true])`: a future of the moment the last worker has gone; nothing with `wait` false.
    private static let shutdownNative = Native("GreenPool:shutdown") { state in
        let lua = LuaStack(state)
        guard let pool = at(1, of: lua) else { return expected(lua) }
        if lua.top >= 2, !lua.isNil(at: 2), !lua.boolean(at: 2) {
            pool.shutdown(wait: false)
            return 0
        }
        do throws(LuaFailure) {
            if pool.endsByOneMore { try pool.scheduler.checkRoom(reporting: lua) }
            try lua.push(reference: pool.shutdown(), as: Future.definition)
        } catch {
            return Native.raise
        }
        return 1
    }
}
