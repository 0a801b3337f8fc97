import LuaRuntime

/// A count of permits, taken and given back; those who wait are served first in first out. Loop thread only.
public final class Semaphore: WaitList {
    let scheduler: Scheduler
    /// Permits that are free.
    public private(set) var count: Int

    /// A semaphore with `count` permits.
    public init(_ scheduler: Scheduler, count: Int) {
        self.scheduler = scheduler
        self.count = count
        super.init()
    }

    override public var waitDescription: String { "a Semaphore" }

    /// Takes a permit if one is free.
    public func tryAcquire() -> Bool {
        guard count > 0 else { return false }
        count -= 1
        return true
    }

    /// Gives permits back: each goes to the one who has waited longest, or becomes free.
    public func release(_ permits: Int = 1) {
        for _ in 0..<permits where !handToFirst() { count += 1 }
    }

    override public func takeBack() { release() }

    // MARK: Scripts

    static let definition: ClassDefinition = ClassDefinition(
        "Semaphore",
        members: [.method("acquire", acquire), .method("release", releaseNative), .property("count", 1)],
        get: Native("Semaphore.get") { state in
            let lua = LuaStack(state)
            guard let semaphore = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Semaphore") }
            lua.push(semaphore.count)
            return 1
        },
        outside: 96, release: ClassDefinition.releaseReference)

    private static func at(_ index: Int32, of lua: LuaStack) -> Semaphore? {
        lua.reference(at: index, of: definition, as: Semaphore.self)
    }

    /// `green.Semaphore([count = 1])`.
    static let make = Native("green.Semaphore") { state in
        let lua = LuaStack(state)
        guard lua.isNil(at: 1) || (lua.integer(at: 1) ?? -1) >= 0 else {
            return lua.fail(argument: 1, expected: "whole number from 0 up")
        }
        let semaphore = Semaphore(Scheduler.of(lua), count: lua.integer(at: 1) ?? 1)
        do { try lua.push(reference: semaphore, as: definition) } catch { return Native.raise }
        return 1
    }

    /// `semaphore:acquire([timeout])`: parks until a permit is free. true, or nil, "timeout".
    private static let acquire = Native(
        "Semaphore:acquire",
        { state in
            let lua = LuaStack(state)
            guard let semaphore = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Semaphore") }
            if semaphore.tryAcquire() {
                lua.push(true)
                return 1
            }
            return semaphore.scheduler.wait(lua, on: semaphore, timeoutAt: 2)
        }, resumed: { state in Scheduler.answerWait(LuaStack(state)) })

    /// `semaphore:release([permits = 1])`.
    private static let releaseNative = Native("Semaphore:release") { state in
        let lua = LuaStack(state)
        guard let semaphore = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Semaphore") }
        guard lua.isNil(at: 2) || (1...1_000_000).contains(lua.integer(at: 2) ?? 0) else {
            return lua.fail(argument: 2, expected: "whole number from 1 to 1000000")
        }
        semaphore.release(lua.integer(at: 2) ?? 1)
        return 0
    }
}
