import EventLoop
import LuaRuntime
import Testing

@testable import Green

@Suite struct GreenLockTests {
    @Test func aReleaseOutsideOfAnyGreenHandsTheLockOn() throws {
        let green = try GreenFixture()
        let lock = GreenLock(green.scheduler)
        try green.define("lock", lock, as: GreenLock.definition)
        try green.start("lock:acquire() green.Event():wait()")
        let waiter = try green.start("lock:acquire() lock:release() return 'got it'")
        green.loop.runUntilIdle()
        #expect(lock.isLocked && lock.waiterCount == 1)
        try green.call("lock:release()")
        #expect(lock.isLocked && lock.isHandedOver)
        #expect(!lock.give())
        green.loop.runUntilIdle()
        #expect(try green.text(of: waiter) == "got it")
        #expect(!lock.isLocked)
        #expect(throws: LuaError.self) { try green.call("lock:release()") }
    }

    @Test func anEndedGreenIsForgottenByEveryLockItHeld() throws {
        let green = try GreenFixture()
        let locks = (0..<3).map { _ in GreenLock(green.scheduler) }
        for (index, lock) in locks.enumerated() { try green.define("lock\(index)", lock, as: GreenLock.definition) }
        try green.run("lock0:acquire() lock1:acquire() lock2:acquire() lock1:release()")
        for lock in locks { #expect(!lock.isLocked) }
        #expect(green.logged.count == 2)
        #expect(green.scheduler.workers.allSatisfy { $0.heldLock == nil })
    }

    @Test func aHandedOverLockOfAnEndedOwnerGivesNoHandleOfItsWorker() throws {
        let green = try GreenFixture()
        let lock = GreenLock(green.scheduler)
        try green.define("lock", lock, as: GreenLock.definition)
        try green.start("lock:acquire() green.sleep(1) lock:release()")
        try green.start("lock:acquire() green.sleep(1) lock:release()")
        // Runs in the turn of the hand-off, between the old owner's end and the new one's turn.
        try green.start("green.sleep(1) seen = lock:locked()")
        green.loop.runUntilIdle()
        let ids = try green.run(
            """
            local ids, greens = {}, {}
            for i = 1, 6 do greens[i] = green.spawn(function() green.sleep(0) return green.current().id end) end
            for _, id in ipairs(green.gather(greens)) do
              if ids[id] then return 'id ' .. id .. ' twice' end
              ids[id] = true
            end
            return 'all different'
            """)
        #expect(ids == "all different")
        #expect(green.scheduler.workers.allSatisfy { $0.handleSlot == 0 })
    }

    @Test func theDescriptionTellsWhoHoldsIt() throws {
        let green = try GreenFixture()
        let lock = GreenLock(green.scheduler)
        #expect(lock.waitDescription == "GreenLock")
        lock.takeForHost()
        #expect(lock.waitDescription == "GreenLock held by the host")
        #expect(lock.release())
        #expect(!lock.release())
        try green.define("lock", lock, as: GreenLock.definition)
        try green.start("lock:acquire() green.sleep(1) lock:release()")
        green.loop.runOnce(blocking: false)
        #expect(lock.waitDescription == "GreenLock held by green 1")
        green.loop.runUntilIdle()
    }
}
