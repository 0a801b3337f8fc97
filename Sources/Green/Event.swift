import LuaRuntime

/// A flag that greens wait for: once set, nobody waits until it is cleared. Loop thread only.
public final class Event: WaitList {
    let scheduler: Scheduler
    /// Whether it is set.
    public private(set) var isSet = false

    /// An event that is not set.
    public init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init()
    }

    override public var waitDescription: String { "an Event" }

    /// Sets it and wakes all who wait.
    public func set() {
        isSet = true
        wakeAll()
    }

    /// Clears it: later waits park again.
    public func clear() { isSet = false }

    // MARK: Scripts

    static let definition: ClassDefinition = ClassDefinition(
        "Event",
        members: [
            .method("set", setNative), .method("clear", clearNative), .method("is_set", isSetNative),
            .method("wait", waitNative),
        ], outside: 96, release: ClassDefinition.releaseReference)

    private static func at(_ index: Int32, of lua: LuaStack) -> Event? {
        lua.reference(at: index, of: definition, as: Event.self)
    }

    /// `green.Event()`.
    static let make = Native("green.Event") { state in
        let lua = LuaStack(state)
        do { try lua.push(reference: Event(Scheduler.of(lua)), as: definition) } catch { return Native.raise }
        return 1
    }

    private static let setNative = Native("Event:set") { state in
        let lua = LuaStack(state)
        guard let event = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Event") }
        event.set()
        return 0
    }

    private static let clearNative = Native("Event:clear") { state in
        let lua = LuaStack(state)
        guard let event = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Event") }
        event.clear()
        return 0
    }

    private static let isSetNative = Native("Event:is_set") { state in
        let lua = LuaStack(state)
        guard let event = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Event") }
        lua.push(event.isSet)
        return 1
    }

    /// `event:wait([timeout])`: parks until it is set. true, or nil, "timeout".
    private static let waitNative = Native(
        "Event:wait",
        { state in
            let lua = LuaStack(state)
            guard let event = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Event") }
            if event.isSet {
                lua.push(true)
                return 1
            }
            return event.scheduler.wait(lua, on: event, timeoutAt: 2)
        }, resumed: { state in Scheduler.answerWait(LuaStack(state)) })
}
