import EventLoop
import LuaRuntime
import Testing

@testable import Green
@testable import GreenWSGI

/// `green.call_app`: the facts of Tests/Scripts/wsgi/call_app.lua, and what scripts do not see of it.
@Suite struct MemoryCallTests {
    private static let script = WSGIFacts("call_app")

    @Test func theScriptHasItsFacts() { #expect(Self.script.names.count >= 35) }

    @Test(arguments: script.names.indices) func callApp(_ index: Int) throws {
        let server = try TestServer(Self.script.app(checking: index))
        let response = try server.get("/fact")
        #expect(response.status == 200, "\(Self.script.names[index]): \(response.body)")
        #expect(server.scheduler.memoryConnections == 0, "\(Self.script.names[index])")
    }

    /// A state with GreenWSGI and no server.
    private final class Host {
        let scheduler: Scheduler
        private(set) var log: [String] = []

        init() throws {
            scheduler = try Scheduler(loop: EventLoop(name: "test", clock: .skipping))
            _ = try GreenWSGIModule.install(in: scheduler)
            scheduler.log = { [weak self] in self?.log.append($0) }
        }

        deinit { scheduler.close() }

        /// The chunk's results, run in a green.
        func run(_ source: String) throws -> [String] {
            let lua = scheduler.lua
            try lua.load(Array(("local green = require 'green' " + source).utf8), name: "=test")
            let future = Future(scheduler)
            try scheduler.start(from: lua.main, arguments: 0, outcome: future)
            scheduler.loop.runUntilIdle()
            defer { lua.main.setTop(0) }
            guard future.isDone else { throw LuaError(.runtime, scheduler.waitingReport()) }
            guard case .values(let count) = future.push(on: lua.main) else { throw LuaError(valueOnTopOf: lua.main) }
            return (0..<count).map { lua.main.description(of: $0 - count) }
        }

        /// The same outside of any green.
        func call(_ source: String) throws -> String {
            let lua = scheduler.lua
            try lua.load(Array(("local green = require 'green' " + source).utf8), name: "=test")
            try lua.call(on: lua.main, arguments: 0, results: 1)
            defer { lua.main.pop() }
            return lua.main.description(of: -1)
        }
    }

    @Test func nothingIsOpenedForIt() throws {
        let host = try Host()
        #expect(try host.run("return green.call_app(function() return 'x' end, 'GET', '/')")[0] == "200")
        #expect(host.scheduler.loop.stats.events == 0)
        #expect(!host.scheduler.loop.hasPendingWork)
    }

    @Test func anErrorIsLoggedOnceWithItsTraceback() throws {
        let host = try Host()
        _ = try host.run("return green.call_app(function() error('boo') end, 'GET', '/')")
        #expect(host.log.count == 1)
        #expect(host.log.first?.contains("error in a handler: GET /: test:1: boo") == true)
        #expect(host.log.first?.contains("stack traceback:\n\t[C]: in function 'error'\n\ttest:1: in") == true)
    }

    @Test func anErrorInAStreamIsLogged() throws {
        let host = try Host()
        let said = try host.run(
            "return pcall(green.call_app, function() return function() error('half') end end, 'GET', '/')")
        #expect(said[0] == "false")
        #expect(host.log.count == 1)
        #expect(host.log.first?.contains("half") == true)
        #expect(host.scheduler.memoryConnections == 0)
    }

    @Test func anAnswerThatIsRaisedAndAClientsMistakeAreNotLogged() throws {
        let host = try Host()
        _ = try host.run("return green.call_app(function() error {status = 404} end, 'GET', '/')")
        _ = try host.run("return green.call_app(function() return 'x' end, 'GET', 'x')")
        _ = try host.run(
            "return green.call_app(function(r) return r.body end, 'POST', '/', {'Transfer-Encoding: chunked'}, "
                + "('x'):rep(17 << 20))")
        #expect(host.log.isEmpty)
    }

    @Test func outsideOfGreensHandlersThatDoNotWaitAnswer() throws {
        let host = try Host()
        #expect(
            try host.call("return select(3, green.call_app(function(r) return r.body end, 'PUT', '/', {}, 'b'))") == "b"
        )
        #expect(try host.call("return green.call_app(function() green.sleep(1) end, 'GET', '/')") == "500")
        #expect(host.log.first?.contains("cannot wait on the main coroutine") == true)
    }

    @Test func aThousandCallsLeaveNothing() throws {
        let host = try Host()
        let load = """
            local routes = {
              ["/hello"] = function() return "hello" end,
              ["/stream"] = function() local n = 0 return function() n = n + 1 return n < 3 and "x" or nil end end,
              ["/error"] = function() error("boo") end,
              ["/broken"] = function() return function() error("half") end end,
              ["/echo"] = function(r) return r.body end,
            }
            for i = 1, 200 do
              for _, path in ipairs { "/hello", "/stream", "/error", "/echo", "bad" } do
                green.call_app(routes, "POST", path, {}, "body")
              end
              pcall(green.call_app, routes, "GET", "/broken")
            end
            """
        _ = try host.run(load)
        let held = host.scheduler.lua.vault.heldCount
        host.scheduler.lua.collectGarbage()
        host.scheduler.lua.collectGarbage()
        let bytes = host.scheduler.lua.memory.bytes
        _ = try host.run(load)
        #expect(host.scheduler.memoryConnections == 0)
        #expect(host.scheduler.lua.vault.heldCount == held)
        host.scheduler.lua.collectGarbage()
        host.scheduler.lua.collectGarbage()
        #expect(host.scheduler.lua.memory.bytes - bytes < 4_096)
    }

    @Test func aCallThatIsLeftInTheMiddleGoesWithItsState() throws {
        weak var scheduler: Scheduler?
        do {
            let host = try Host()
            scheduler = host.scheduler
            _ = try? host.run("green.call_app(function() wait(green.future()) end, 'GET', '/')")
            #expect(host.scheduler.memoryConnections == 1)
        }
        #expect(scheduler == nil)
    }

    @Test func aCallThatNobodyHoldsAnyMoreLetsGoOfItsConnection() throws {
        let host = try Host()
        let cancelled = try host.run(
            """
            local future = green.spawn(green.call_app, function() green.sleep(9) end, "GET", "/")
            green.sleep(0)
            future:cancel()
            return pcall(wait, future)
            """)
        #expect(cancelled[0] == "false")
        host.scheduler.lua.collectGarbage()
        host.scheduler.lua.collectGarbage()
        #expect(host.scheduler.memoryConnections == 0)
    }

    @Test func whicheverAllocationFailsTheNextCallWorks() throws {
        let call =
            "return green.call_app(function(r) return 201, {A = r.body}, function() return nil end end, "
            + "'POST', '/', {'X: y'}, 'b')"
        var countdown: UInt64 = 0
        var succeeded = false
        while !succeeded {
            countdown += 1
            try #require(countdown < 5_000, "never succeeded")
            let host = try Host()
            let lua = host.scheduler.lua
            try lua.load(Array(("local green = require 'green' " + call).utf8), name: "=test")
            let future = Future(host.scheduler)
            lua.failAllocations(after: countdown)
            do {
                try host.scheduler.start(from: lua.main, arguments: 0, outcome: future)
                host.scheduler.loop.runUntilIdle()
            } catch {
                #expect(error.isMemory)
            }
            lua.failAllocations(after: 0)
            lua.main.setTop(0)
            if future.isDone, case .values = future.push(on: lua.main) {
                succeeded = lua.main.string(at: -3).map { $0 == "201" } ?? (lua.main.integer(at: -3) == 201)
            }
            lua.main.setTop(0)
            #expect(try host.run(call)[0] == "201")
        }
        #expect(countdown > 20)
    }
}

extension Scheduler {
    /// Connections of all servers of the state that have no socket.
    fileprivate var memoryConnections: Int {
        attachments.compactMap { $0 as? ConnectionTable }
            .reduce(0) { $0 + $1.connections.count { $0?.isInMemory == true } }
    }
}
