import EventLoop
import Foundation
import Green
import Greenhouse
import LuaRuntime
import Testing

@testable import GreenHttp

/// What is left of WebSockets when their host closes.
@Suite(.enabled(if: HTTPHarness.hasServers, "needs scripts/test-servers"), .timeLimit(.minutes(1)))
struct WebSocketLeakTests {
    private static let stop = Native("stop") { state in
        Scheduler.of(LuaStack(state)).loop.stop()
        return 0
    }

    /// Runs a script that calls `stop()`, closes its host, and checks that nothing is left.
    /// - Parameters:
    ///   - address: of the loopback network; the script's client connects from it.
    ///   - count: how many connections the script leaves open.
    private func check(_ script: String, from address: String, leaves count: Int) throws {
        weak var client: HTTPClient?
        let loop: EventLoop
        do {
            let runner = try ScriptRunner()
            loop = runner.loop
            let harness = try HTTPHarness(runner)
            let stack = runner.scheduler.lua.main
            stack.pushGlobals()
            try stack.push(Self.stop)
            try stack.setField("stop", of: -2)
            stack.pop()
            let source = "green = require 'green'; http = GreenHttp { interface = '\(address)' }\n" + script
            let ending = try runner.run(ScriptFile(source: source, name: "leak.lua"), name: "leak.lua", arguments: [])
            if case .failed(let error) = ending { throw error }
            stack.pushGlobals()
            try stack.pushField("http", of: -1)
            try stack.pushField("core", of: -1)
            client = ClientObject.at(-1, of: stack)
            stack.pop(3)
            #expect(client != nil)
            #expect(try connections(from: address) == count)
            runner.scheduler.close()
            withExtendedLifetime(harness) {}
        }
        #expect(try connections(from: address) == 0)
        // Tasks that were in line find nothing to do.
        loop.runOnce(blocking: false)
        #expect(!loop.hasPendingWork)
        #expect(client == nil)
    }

    /// How many sockets this process has with a local address.
    private func connections(from address: String) throws -> Int {
        let hex = address.split(separator: ".").reversed().map { part in
            let text = String(UInt8(part) ?? 0, radix: 16, uppercase: true)
            return text.count == 1 ? "0" + text : text
        }.joined()
        // The file tells no length: it has to be read to its end.
        let bytes = try FileHandle(forReadingFrom: URL(filePath: "/proc/net/tcp")).readToEnd() ?? Data()
        let table = String(decoding: bytes, as: UTF8.self)
        return table.split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            // Of a closed socket the kernel keeps a row without an inode.
            return fields.count > 9 && fields[1].hasPrefix(hex + ":") && fields[9] != "0"
        }
    }

    @Test func thoseThatAreIdleOrWaitedFor() throws {
        let script = """
            idle = http:websocket(servers.WS)
            local ws, mute = http:websocket(servers.WS), http:websocket(servers.WS .. "/mute")
            green.spawn(function() ws:receive() end)
            green.spawn(function() ws:receive(100) end)
            green.spawn(function() mute:ping() end)
            green.spawn(function() while true do mute:send(("x"):rep(1 << 20), "binary") end end)
            green.sleep(0.05)
            green.spawn(function() mute:close() end)
            green.sleep(0.01)
            stop()
            """
        try check(script, from: "127.77.2.1", leaves: 3)
    }

    @Test func thoseThatAreBeingOpened() throws {
        let script = """
            for i = 1, 3 do green.spawn(function() http:websocket("ws://" .. servers.RAW .. "/hang") end) end
            green.sleep(0.05)
            stop()
            """
        try check(script, from: "127.77.2.2", leaves: 3)
    }

    @Test func thoseWithMessagesThatNobodyTook() throws {
        let script = """
            local ws = http:websocket(servers.WS .. "/push?n=5000")
            ws:receive()
            closing = http:websocket(servers.WS .. "/mute", { close_timeout = 100 })
            green.spawn(function() closing:close() end)
            green.sleep(0.01)
            stop()
            """
        try check(script, from: "127.77.2.3", leaves: 2)
    }

    @Test func aHundredOpenedAndClosedLeaveNothing() throws {
        let script = """
            local futures = {}
            for i = 1, 100 do
              futures[i] = green.spawn(function()
                local ws <close> = http:websocket(servers.WS .. (i % 3 == 0 and "/close" or i % 3 == 1 and "/drop" or "/"))
                pcall(ws.send, ws, "x")
                ws:receive(i % 2)
              end)
            end
            green.gather(futures)
            """
        try check(script, from: "127.77.2.4", leaves: 0)
    }
}
