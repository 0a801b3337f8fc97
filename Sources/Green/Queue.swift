import LuaRuntime

/// A line of Lua values between greens, first in first out; bounded when it is given a size. Loop thread only.
///
/// Getters wait while it is empty, putters while it is full, each in their order; nobody overtakes those who wait.
public final class Queue {
    let scheduler: Scheduler
    /// Most values it holds; nil for no bound.
    public let limit: Int?
    /// Closed: nothing more may be put; getters take what is left and then get nil, "closed".
    public private(set) var isClosed = false
    private var ring = ValueRing()
    private let getters = Side("a value from a Queue")
    private let putters = Side("room in a Queue")
    /// Values that belong to getters already woken, and room that belongs to putters already woken.
    private var promisedValues = 0
    private var promisedRoom = 0

    private final class Side: WaitList {
        private let what: String
        /// One of those woken was stopped.
        var tookBack: () -> Void = {}

        init(_ what: String) {
            self.what = what
            super.init()
        }

        override var waitDescription: String { what }
        override func takeBack() { tookBack() }
    }

    /// An empty queue.
    public init(_ scheduler: Scheduler, limit: Int? = nil) {
        self.scheduler = scheduler
        self.limit = limit
        getters.tookBack = { [unowned self] in
            promisedValues -= 1
            promiseValue()
        }
        putters.tookBack = { [unowned self] in
            promisedRoom -= 1
            promiseRoom()
        }
    }

    private func promiseValue() {
        if getters.handToFirst() { promisedValues += 1 }
    }

    private func promiseRoom() {
        if putters.handToFirst() { promisedRoom += 1 }
    }

    deinit { ring.release(scheduler.lua.vault) }

    /// How many values are in line.
    public var count: Int { ring.count }

    private var hasRoom: Bool { limit.map { ring.count + promisedRoom < $0 } ?? true }

    /// Nothing more may be put; all who wait are told.
    public func close() {
        isClosed = true
        getters.wakeAll()
        putters.wakeAll()
    }

    // MARK: Scripts

    static let definition: ClassDefinition = ClassDefinition(
        "Queue",
        members: [
            .method("put", put), .method("get", get), .method("close", closeNative),
            .property("size", 1), .property("limit", 2), .property("closed", 3),
        ],
        get: Native("Queue.get") { state in
            let lua = LuaStack(state)
            guard let queue = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Queue") }
            switch lua.integer(at: 3) {
            case 1: lua.push(queue.count)
            case 2: if let limit = queue.limit { lua.push(limit) } else { lua.pushNil() }
            default: lua.push(queue.isClosed)
            }
            return 1
        },
        outside: 368, release: ClassDefinition.releaseReference)

    private static func at(_ index: Int32, of lua: LuaStack) -> Queue? {
        lua.reference(at: index, of: definition, as: Queue.self)
    }

    /// `green.Queue([limit])`.
    static let make = Native("green.Queue") { state in
        let lua = LuaStack(state)
        guard lua.isNil(at: 1) || (lua.integer(at: 1) ?? 0) >= 1 else {
            return lua.fail(argument: 1, expected: "whole number from 1 up, or nil for no limit")
        }
        let queue = Queue(Scheduler.of(lua), limit: lua.integer(at: 1))
        do { try lua.push(reference: queue, as: definition) } catch { return Native.raise }
        return 1
    }

    /// `queue:put(value, [timeout])`: parks while it is full. true, or nil, "timeout" or "closed".
    private static let put = Native(
        "Queue:put",
        { state in
            let lua = LuaStack(state)
            guard let queue = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Queue") }
            if lua.isNil(at: 2) { return lua.fail(argument: 2, "a value other than nil expected") }
            if queue.isClosed { return closed(lua) }
            if queue.hasRoom { return queue.accept(lua) }
            return queue.scheduler.wait(lua, on: queue.putters, timeoutAt: 3)
        },
        resumed: { state in
            let lua = LuaStack(state)
            guard let queue = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Queue") }
            switch queue.scheduler.takeWakeReason() {
            case .ready:
                if queue.isClosed { return closed(lua) }
                queue.promisedRoom -= 1
                return queue.accept(lua)
            case .timeout: return Scheduler.answerTimeout(lua)
            case let reason: return queue.scheduler.raise(reason, on: lua)
            }
        })

    private func accept(_ lua: LuaStack) -> Int32 {
        lua.pushCopy(of: 2)
        do {
            try ring.append(1, from: lua, vault: scheduler.lua.vault)
        } catch {
            // The room that this value does not take is the next one's.
            if hasRoom { promiseRoom() }
            return Native.raise
        }
        promiseValue()
        lua.push(true)
        return 1
    }

    /// `queue:get([timeout])`: parks while it is empty. The value, or nil, "timeout" or "closed".
    private static let get = Native(
        "Queue:get",
        { state in
            let lua = LuaStack(state)
            guard let queue = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Queue") }
            if queue.ring.count > queue.promisedValues { return queue.give(lua) }
            if queue.isClosed { return closed(lua) }
            return queue.scheduler.wait(lua, on: queue.getters, timeoutAt: 2)
        },
        resumed: { state in
            let lua = LuaStack(state)
            guard let queue = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Queue") }
            switch queue.scheduler.takeWakeReason() {
            case .ready:
                if queue.promisedValues == 0 { return closed(lua) }
                queue.promisedValues -= 1
                return queue.give(lua)
            case .timeout: return Scheduler.answerTimeout(lua)
            case let reason: return queue.scheduler.raise(reason, on: lua)
            }
        })

    private func give(_ lua: LuaStack) -> Int32 {
        ring.take(1, to: lua, vault: scheduler.lua.vault)
        if !isClosed { promiseRoom() }
        return 1
    }

    private static func closed(_ lua: LuaStack) -> Int32 {
        lua.pushNil()
        do { try lua.push("closed") } catch { return Native.raise }
        return 2
    }

    private static let closeNative = Native("Queue:close") { state in
        let lua = LuaStack(state)
        guard let queue = at(1, of: lua) else { return lua.fail(argument: 1, expected: "Queue") }
        queue.close()
        return 0
    }
}
