import EventLoop
import LuaRuntime
import Testing

@testable import Green

@Suite struct FutureTests {
    @Test func itSettlesOnce() throws {
        let green = try GreenFixture()
        let future = Future(green.scheduler)
        green.stack.push(1)
        #expect(future.settle(.succeeded, 1, from: green.stack))
        #expect(!future.settle(.failed, 1, from: green.stack))
        #expect(future.state == .succeeded)
        #expect(!future.cancel())
        green.stack.pop()
        #expect(try green.text(of: future) == "1")
    }

    @Test func callbacksAreToldOnceInOrder() throws {
        let green = try GreenFixture()
        let future = Future(green.scheduler)
        var told: [Int] = []
        for number in 1...3 { future.whenDone { _ in told.append(number) } }
        future.settleCancelled()
        future.whenDone { _ in told.append(4) }
        future.settleCancelled()
        #expect(told == [1, 2, 3, 4])
    }

    @Test func aCallbackMayAddAnother() throws {
        let green = try GreenFixture()
        let future = Future(green.scheduler)
        var told = 0
        future.whenDone { done in done.whenDone { _ in told += 1 } }
        future.settleCancelled()
        #expect(told == 1)
    }

    @Test func anUnseenFailureIsLoggedWhenTheFutureGoes() throws {
        let green = try GreenFixture()
        do {
            let future = try green.start("error('lost', 0)")
            green.loop.runUntilIdle()
            #expect(future.state == .failed)
            #expect(green.logged.isEmpty)
        }
        #expect(green.logged.count == 1)
        #expect(green.logged.first?.contains("lost") == true)
        #expect(throws: LuaError.self) { try green.run("error('seen', 0)") }
        #expect(green.logged.count == 1)
    }

    @Test func cancellingBeforeTheBeginningSettlesAtOnce() throws {
        let green = try GreenFixture()
        let future = try green.start("ran = true")
        #expect(future.cancel())
        #expect(future.state == .cancelled)
        green.loop.runUntilIdle()
        #expect(try green.call("return ran") == "nil")
        #expect(green.scheduler.liveCount == 0)
        #expect(try green.freeWorkerCount() == 1)
    }

    @Test func cancellingWhileItWaitsInterruptsTheWait() throws {
        let green = try GreenFixture()
        let future = try green.start("green.Event():wait()")
        green.loop.runUntilIdle()
        #expect(!future.isDone)
        #expect(future.cancel())
        #expect(future.state == .pending)
        green.loop.runUntilIdle()
        #expect(future.state == .cancelled)
        let error = #expect(throws: LuaError.self) { try green.text(of: future) }
        #expect(error?.kind == .cancelled)
    }

    @Test func resultsThatFindNoMemoryAreThatError() throws {
        let green = try GreenFixture()
        let future = Future(green.scheduler)
        for value in 1...3 { green.stack.push(value) }
        green.scheduler.lua.failAllocations(after: 1)
        #expect(future.settle(.succeeded, 3, from: green.stack))
        green.scheduler.lua.failAllocations(after: 0)
        #expect(green.stack.top == 3)
        green.stack.setTop(0)
        #expect(future.state == .failed)
        let error = #expect(throws: LuaError.self) { try green.text(of: future) }
        #expect(error?.message == "not enough memory")
    }

    @Test func theValuesAreGivenUpWithTheFuture() throws {
        let green = try GreenFixture()
        // The worker of the run stays; only the values are counted.
        try green.run("return {}, {}")
        let before = green.scheduler.lua.vault.heldCount
        do {
            let future = try green.start("return {}, {}")
            green.loop.runUntilIdle()
            #expect(future.isDone)
            #expect(green.scheduler.lua.vault.heldCount == before + 1)
        }
        #expect(green.scheduler.lua.vault.heldCount == before)
    }
}
