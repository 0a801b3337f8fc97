import EventLoop
import Foundation
import Green
import LuaRuntime
import Testing

@testable import GreenHttp

@Suite(.enabled(if: HTTPHarness.hasServers, "needs scripts/test-servers"))
struct WebSocketAllocationTests {
    private static let everything = """
        local green, server = require "green", ...
        local ws <close> = GreenHttp():websocket(server .. "/?a", { subprotocols = { "chat" }, headers = { ["X-A"] = "b" } })
        local facts = ws.url .. ws.subprotocol .. ws.headers.upgrade
        ws:send("hello " .. #facts)
        local answer = ws:receive()
        assert(ws:receive(0) == nil and ws:ping("x") > 0)
        pcall(ws.send, ws, "\\xff")
        assert(ws:close(4000, "bye") and ws.close_code == 4000 and select(4, ws:receive()) == "bye")
        done = answer
        """

    /// Runs the script with the nth allocation failing, 0 for none; whether it came to its end.
    private func succeeds(_ server: String, failing countdown: UInt64) throws -> Bool {
        let loop = try EventLoop(name: "test")
        weak var held: Scheduler?
        var isDone = false
        do {
            let scheduler = try Scheduler(loop: loop)
            held = scheduler
            scheduler.log = { _ in }
            try GreenHttpModule.install(in: scheduler, allowsFiles: true)
            let lua = scheduler.lua
            try lua.load(Array(Self.everything.utf8), name: "=everything")
            try lua.main.push(server)
            let future = Future(scheduler)
            lua.failAllocations(after: countdown)
            do {
                try scheduler.start(from: lua.main, arguments: 1, outcome: future)
                loop.runUntilIdle()
            } catch {
                #expect(error.isMemory)
            }
            lua.failAllocations(after: 0)
            lua.main.setTop(0)
            lua.main.pushGlobals()
            try lua.main.pushField("done", of: -1)
            isDone = lua.main.string(at: -1)?.hasPrefix("hello") == true
            #expect(scheduler.liveCount == 0, "a green hangs after failure \(countdown)")
            scheduler.close()
        }
        #expect(held == nil, "held after failure \(countdown)")
        loop.runOnce(blocking: false)
        #expect(!loop.hasPendingWork, "pending after failure \(countdown)")
        return isDone
    }

    @Test func whicheverAllocationFailsNothingIsLeft() throws {
        let server = try #require(ProcessInfo.processInfo.environment["GREENHOUSE_TEST_WS"])
        #expect(try succeeds(server, failing: 0))
        var countdown: UInt64 = 1
        while try !succeeds(server, failing: countdown) {
            countdown += 1
            try #require(countdown < 5_000, "never succeeded")
        }
        #expect(countdown > 50)
    }
}
