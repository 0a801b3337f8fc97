import LuaRuntime

/// Several futures as one: what `green.gather` and `green.race` wait for.
enum FutureGroup {
    /// `all(list)`: settles with nothing once all have succeeded, or with the position of the first that did not.
    static let all = Native("green.gather") { state in
        combine(LuaStack(state)) { scheduler, futures, group in
            var left = futures.count
            if left == 0 { group.settle(.succeeded, 0, from: scheduler.lua.main) }
            for (index, future) in futures.enumerated() {
                future.whenDone { done in
                    left -= 1
                    if done.state != .succeeded {
                        settle(group, index + 1)
                    } else if left == 0 {
                        group.settle(.succeeded, 0, from: scheduler.lua.main)
                    }
                }
            }
        }
    }

    /// `any(list)`: settles with the position of the first that is done.
    static let any = Native("green.race") { state in
        combine(LuaStack(state)) { _, futures, group in
            for (index, future) in futures.enumerated() {
                future.whenDone { _ in settle(group, index + 1) }
            }
        }
    }

    private static func settle(_ group: Future, _ position: Int) {
        let scratch = group.scheduler.lua.main
        scratch.push(position)
        group.settle(.succeeded, 1, from: scratch)
        scratch.pop()
    }

    private static func combine(_ lua: LuaStack, _ connect: (Scheduler, [Future], Future) -> Void) -> Int32 {
        guard lua.type(at: 1) == .table else { return lua.fail(argument: 1, expected: "list of futures") }
        let scheduler = Scheduler.of(lua)
        var futures: [Future] = []
        for position in 1...max(1, lua.rawLength(of: 1)) where lua.rawLength(of: 1) > 0 {
            lua.pushRaw(index: position, of: 1)
            guard let future = Future.at(-1, of: lua) else {
                return lua.fail(argument: 1, "position \(position): future expected, got \(lua.typeName(at: -1))")
            }
            futures.append(future)
            lua.pop()
        }
        let group = Future(scheduler)
        do { try lua.push(reference: group, as: Future.definition) } catch { return Native.raise }
        connect(scheduler, futures, group)
        return 1
    }
}
