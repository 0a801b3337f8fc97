import EventLoop
import LuaRuntime
import Testing

@testable import Green

/// A scheduler on a loop whose clock skips, and the ways a test talks to its scripts.
final class GreenFixture {
    let loop: EventLoop
    let scheduler: Scheduler
    private(set) var logged: [String] = []

    /// - Parameter blockedAfter: none by default, so that a slow machine adds nothing to what is logged.
    convenience init(clock: LoopClock = .skipping, blockedAfter: Duration? = nil) throws {
        try self.init(clock: clock, limits: RunLimits(slice: .zero, blockedAfter: blockedAfter))
    }

    init(clock: LoopClock = .skipping, limits: RunLimits) throws {
        loop = try EventLoop(name: "test", clock: clock)
        scheduler = try Scheduler(loop: loop, limits: limits)
        scheduler.log = { [weak self] in self?.logged.append($0) }
        try call("green = require 'green'")
    }

    deinit { scheduler.close() }

    var stack: LuaStack { scheduler.lua.main }

    /// Starts a chunk in a green; its future.
    @discardableResult
    func start(_ source: String, now: Bool = false) throws -> Future {
        try scheduler.lua.load(Array(source.utf8), name: "=test")
        let future = Future(scheduler)
        try scheduler.start(from: stack, arguments: 0, outcome: future, now: now)
        return future
    }

    /// Runs a chunk in a green, and the loop until nothing is left to do; the chunk's first value as text.
    @discardableResult
    func run(_ source: String) throws -> String {
        let future = try start(source)
        loop.runUntilIdle()
        return try text(of: future)
    }

    /// Runs a chunk outside of any green; its first value as text.
    @discardableResult
    func call(_ source: String) throws -> String {
        try scheduler.lua.load(Array(source.utf8), name: "=test")
        try scheduler.lua.call(on: stack, arguments: 0, results: 1)
        defer { stack.pop() }
        return stack.description(of: -1)
    }

    /// The first value of a settled future as text; throws its error.
    func text(of future: Future) throws -> String {
        let top = stack.top
        defer { stack.setTop(top) }
        guard future.isDone else { throw LuaError(.runtime, "not done:\n" + scheduler.waitingReport()) }
        switch future.push(on: stack) {
        case .values(let count): return count == 0 ? "" : stack.description(of: top + 1)
        case .error: throw LuaError(valueOnTopOf: stack)
        }
    }

    /// Makes a Swift object a global of the scripts.
    func define(_ name: String, _ object: AnyObject, as definition: ClassDefinition) throws {
        stack.pushGlobals()
        try stack.push(reference: object, as: definition)
        try stack.setField(name, of: -2)
        stack.pop()
    }

    /// How many workers the scheduler has to give before it must make one; makes one to find out.
    func freeWorkerCount() throws -> Int {
        let known = scheduler.workers.count
        var taken: [GreenWorker] = []
        while scheduler.workers.count == known { taken.append(try scheduler.obtain(reporting: stack)) }
        for worker in taken.reversed() { scheduler.retire(worker) }
        return taken.count - 1
    }

    func collectGarbage() {
        scheduler.lua.collectGarbage()
        scheduler.lua.collectGarbage()
    }
}
