import LuaRuntime
import Testing

@Suite struct LuaStateRunningTests {
    static let park = Native("park", { _ in Native.park }, resumed: { LuaStack($0).top })

    let state: LuaState
    let thread: LuaStack

    init() throws {
        state = try LuaState.forTest()
        try state.setGlobal("park", Self.park)
        thread = try state.makeThread()
    }

    private func start(_ source: String) throws -> RunResult {
        try state.push(expression: "function(...) \(source) end")
        state.main.push(21)
        state.main.move(2, to: thread)
        return thread.resume(arguments: 1)
    }

    @Test func aRunParksAndEnds() throws {
        guard case .parked = try start("local x = ... return park(x) * 2, 'end'") else {
            Issue.record("it did not park")
            return
        }
        #expect(thread.location == "test:1")
        guard case .done(let results) = thread.resume(arguments: 0) else {
            Issue.record("it did not end")
            return
        }
        #expect(results == 2)
        #expect(thread.integer(at: -2) == 42)
        #expect(thread.string(at: -1) == "end")
        thread.setTop(0)
        #expect(thread.location == "")
    }

    @Test func aFailedRunLeavesTheErrorAndItsCallsUntilReset() throws {
        guard case .failed = try start("local function inner() error('broken') end inner()") else {
            Issue.record("it did not fail")
            return
        }
        #expect(thread.string(at: -1) == "test:1: broken")
        #expect(state.main.traceback(of: thread).contains("test:1: in"))
        thread.reset()
        #expect(thread.top == 0)
        guard case .done = try start("return ...") else {
            Issue.record("it cannot be used again")
            return
        }
        thread.setTop(0)
    }

    @Test func resetClosesWhatIsOpen() throws {
        guard
            case .parked = try start("local g <close> = setmetatable({}, {__close = function() closed = 1 end}) park()")
        else {
            Issue.record("it did not park")
            return
        }
        thread.reset()
        #expect(try state.run("return closed") == "1")
        #expect(thread.top == 0)
    }
}
