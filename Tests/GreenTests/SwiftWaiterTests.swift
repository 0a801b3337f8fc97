import EventLoop
import LuaRuntime
import Testing

@testable import Green

/// An actor that lives on a loop: what the host of scripts is.
private actor LoopHost {
    private nonisolated let loop: EventLoop
    private var green: GreenFixtureOnLoop?
    private var event: Event?
    private var waiting = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init() throws {
        loop = try EventLoop(name: "host")
        loop.start()
    }

    func perform<T: Sendable>(
        _ body: @Sendable (GreenFixtureOnLoop, isolated LoopHost) async throws -> T
    ) async throws -> T {
        let fixture = try green ?? GreenFixtureOnLoop(loop)
        green = fixture
        return try await body(fixture, self)
    }

    /// An event that a green sets once two tasks wait for it.
    func prepareEvent() throws {
        let fixture = try GreenFixtureOnLoop(loop)
        let event = Event(fixture.scheduler)
        try fixture.define("event", event, as: Event.definition)
        green = fixture
        self.event = event
    }

    func waitForEvent() async -> Bool {
        waiting += 1
        if waiting == 2 { _ = try? green?.start("green.sleep(0.001) event:set()") }
        return await event?.wait(timeout: .seconds(60)) ?? false
    }

    func close() {
        event = nil
        green?.scheduler.close()
        green = nil
    }

    nonisolated func stop() async {
        await close()
        loop.stop()
    }
}

/// The scheduler of such a host.
private final class GreenFixtureOnLoop {
    let scheduler: Scheduler

    init(_ loop: EventLoop) throws {
        scheduler = try Scheduler(loop: loop)
        scheduler.log = { Issue.record("logged: \($0)") }
    }

    func define(_ name: String, _ object: AnyObject, as definition: ClassDefinition) throws {
        let stack = scheduler.lua.main
        stack.pushGlobals()
        try stack.push(reference: object, as: definition)
        try stack.setField(name, of: -2)
        stack.pop()
    }

    @discardableResult
    func start(_ source: String) throws -> Future {
        let lua = scheduler.lua
        try lua.load(Array(("local green = require 'green'; " + source).utf8), name: "=test")
        let future = Future(scheduler)
        try scheduler.start(from: lua.main, arguments: 0, outcome: future)
        return future
    }

    func global(_ name: String) throws -> String {
        let stack = scheduler.lua.main
        stack.pushGlobals()
        defer { stack.pop() }
        try stack.pushField(name, of: -1)
        defer { stack.pop() }
        return stack.description(of: -1)
    }
}

/// Looks once a turn until something holds, and then acts.
private final class Watch: LoopTask {
    private unowned let loop: EventLoop
    private let condition: () -> Bool
    private let action: () -> Void

    init(_ loop: EventLoop, until condition: @escaping () -> Bool, then action: @escaping () -> Void) {
        self.loop = loop
        self.condition = condition
        self.action = action
    }

    override func run() { if condition() { action() } else { loop.enqueue(self) } }
}

@Suite struct SwiftWaiterTests {
    private func onLoop<T: Sendable>(
        _ body: @Sendable (GreenFixtureOnLoop, isolated LoopHost) async throws -> T
    ) async throws -> T {
        let host = try LoopHost()
        let result = try await host.perform(body)
        await host.stop()
        return result
    }

    @Test func aLockPassesBetweenGreensAndSwift() async throws {
        let order = try await onLoop { green, _ in
            let lock = GreenLock(green.scheduler)
            try green.define("lock", lock, as: GreenLock.definition)
            #expect(await lock.acquire())
            #expect(lock.isLocked)
            let future = try green.start(
                "order = 'swift ' lock:acquire() order = order .. 'green ' green.sleep(0.001) lock:release()")
            while lock.waiterCount == 0 { await Task.yield() }
            #expect(lock.release())
            #expect(await lock.acquire())
            let order = try green.global("order") + "swift"
            #expect(lock.release())
            #expect(await future.wait())
            return order
        }
        #expect(order == "swift green swift")
    }

    @Test func waitersAreServedInOrderWhoeverTheyAre() async throws {
        let order = try await onLoop { green, _ in
            let (lock, gate) = (GreenLock(green.scheduler), Event(green.scheduler))
            try green.define("lock", lock, as: GreenLock.definition)
            try green.define("gate", gate, as: Event.definition)
            try green.start("order = '' lock:acquire() gate:wait() order = order .. '1' lock:release()")
            while !lock.isLocked { await Task.yield() }
            let last = try green.start(
                "order = order .. '0' gate:wait() lock:acquire() order = order .. '3' lock:release()")
            // Once this task waits for the lock, both greens may go on: the second one asks for it behind this task.
            let watch = Watch(green.scheduler.loop, until: { lock.waiterCount == 1 }, then: { gate.set() })
            green.scheduler.loop.enqueue(watch)
            #expect(await lock.acquire())
            #expect(try green.global("order") == "01")
            while lock.waiterCount == 0 { await Task.yield() }
            lock.release()
            #expect(await last.wait())
            return try green.global("order")
        }
        #expect(order == "013")
    }

    @Test func everyWaitAnswersFalseWhenItsTimeIsUp() async throws {
        let answers = try await onLoop { green, _ in
            let scheduler = green.scheduler
            let lock = GreenLock(scheduler)
            lock.takeForHost()
            let timeout = Duration.milliseconds(1)
            var answers = [await lock.acquire(timeout: timeout)]
            answers.append(await Semaphore(scheduler, count: 0).acquire(timeout: timeout))
            answers.append(await Event(scheduler).wait(timeout: timeout))
            answers.append(await Condition(scheduler).wait(timeout: timeout))
            answers.append(await Future(scheduler).wait(timeout: timeout))
            #expect(lock.waiterCount == 0)
            #expect(!scheduler.loop.hasPendingWork)
            return answers
        }
        #expect(answers == [false, false, false, false, false])
    }

    @Test func whatIsReadyIsNotWaitedFor() async throws {
        let answers = try await onLoop { green, _ in
            let scheduler = green.scheduler
            let (event, future) = (Event(scheduler), Future(scheduler))
            event.set()
            future.settleCancelled()
            let semaphore = Semaphore(scheduler, count: 1)
            return [
                await GreenLock(scheduler).acquire(timeout: .zero), await semaphore.acquire(timeout: .zero),
                await event.wait(timeout: .zero), await future.wait(timeout: .zero), semaphore.count == 0,
            ]
        }
        #expect(answers == [true, true, true, true, true])
    }

    @Test func greensWakeSwiftTasks() async throws {
        let answers = try await onLoop { green, _ in
            let scheduler = green.scheduler
            let (event, semaphore) = (Event(scheduler), Semaphore(scheduler, count: 0))
            let condition = Condition(scheduler)
            try green.define("event", event, as: Event.definition)
            try green.define("semaphore", semaphore, as: Semaphore.definition)
            try green.define("condition", condition, as: Condition.definition)
            var answers: [Bool] = []
            try green.start("green.sleep(0.001) event:set()")
            answers.append(await event.wait(timeout: .seconds(60)))
            try green.start("green.sleep(0.001) semaphore:release()")
            answers.append(await semaphore.acquire(timeout: .seconds(60)))
            // A notification that nobody waits for yet is lost.
            let gate = Event(scheduler)
            try green.define("gate", gate, as: Event.definition)
            try green.start("gate:wait() condition:notify()")
            let watch = Watch(scheduler.loop, until: { condition.waiterCount == 1 }, then: { gate.set() })
            scheduler.loop.enqueue(watch)
            answers.append(await condition.wait(timeout: .seconds(60)))
            let failing = try green.start("green.sleep(0.001) error('seen', 0)")
            answers.append(await failing.wait(timeout: .seconds(60)))
            answers.append(failing.state == .failed)
            _ = failing.push(on: scheduler.lua.main)
            scheduler.lua.main.pop()
            // The timeouts are gone with the waits.
            #expect(!scheduler.loop.hasPendingWork)
            return answers
        }
        #expect(answers == [true, true, true, true, true])
    }

    @Test func swiftWakesGreens() async throws {
        let text = try await onLoop { green, _ in
            let event = Event(green.scheduler)
            try green.define("event", event, as: Event.definition)
            let future = try green.start("text = tostring(event:wait())")
            while event.waiterCount == 0 { await Task.yield() }
            event.set()
            #expect(await future.wait())
            return try green.global("text")
        }
        #expect(text == "true")
    }

    @Test func aConditionGivesItsLockBackToSwift() async throws {
        let held = try await onLoop { green, _ in
            let lock = GreenLock(green.scheduler)
            let condition = Condition(green.scheduler, lock: lock)
            try green.define("lock", lock, as: GreenLock.definition)
            try green.define("condition", condition, as: Condition.definition)
            #expect(await lock.acquire())
            try green.start("lock:acquire() condition:notify() green.sleep(0.001) lock:release()")
            #expect(await condition.wait())
            let held = lock.isLocked && lock.waitDescription == "GreenLock held by the host"
            #expect(lock.release())
            return held
        }
        #expect(held)
    }

    @Test func severalTasksWaitForOneEvent() async throws {
        let host = try LoopHost()
        try await host.prepareEvent()
        async let first = host.waitForEvent()
        async let second = host.waitForEvent()
        let answers = await [first, second]
        await host.stop()
        #expect(answers == [true, true])
    }
}
