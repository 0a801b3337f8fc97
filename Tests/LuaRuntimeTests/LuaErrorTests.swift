import CGreen
import LuaRuntime
import Testing

@Suite struct LuaErrorTests {
    let state: LuaState

    init() throws { state = try LuaState.forTest() }

    @Test func theDescriptionIsTheMessageAndTheTraceback() {
        #expect(LuaError(.runtime, "broken").description == "broken")
        #expect(
            LuaError(.runtime, "broken", traceback: "stack traceback:\n\tapp.lua:1").description
                == "broken\nstack traceback:\n\tapp.lua:1")
    }

    @Test func anyValueCanBeAnErrorsMessage() throws {
        let cases = [
            ("nil", "nil"), ("42", "42"), ("'text'", "text"), ("true", "true"),
            ("setmetatable({}, {__tostring = function() return 'mine' end})", "mine"),
            ("setmetatable({}, {__tostring = function() error('mute') end})", "(table without a text)"),
        ]
        for (source, text) in cases {
            let error = #expect(throws: LuaError.self) { try state.run("error(\(source), 0)") }
            #expect(error?.kind == .runtime, "\(source)")
            #expect(error?.message == text, "\(source)")
            #expect(error?.traceback.hasPrefix("stack traceback:") == true, "\(source)")
        }
        #expect(state.main.top == 0)
    }

    @Test func takingPopsAndReadingLeaves() throws {
        try state.main.push("value")
        #expect(LuaError(valueOnTopOf: state.main).message == "value")
        #expect(state.main.top == 1)
        try state.main.push("trace")
        let error = LuaError(taking: state.main, status: Int32(CG_ERRRUN), withTraceback: true)
        #expect(error.message == "value")
        #expect(error.traceback == "trace")
        #expect(state.main.top == 0)
    }

    @Test func theStatusTellsTheKind() throws {
        for (status, kind) in [(CG_ERRSYNTAX, LuaError.Kind.syntax), (CG_ERRMEM, .memory), (CG_ERRERR, .runtime)] {
            try state.main.push("x")
            #expect(LuaError(taking: state.main, status: Int32(status)).kind == kind)
        }
        state.main.pushNil()
        #expect(LuaError(taking: state.main, status: Int32(CG_ERRMEM)).message == "not enough memory")
    }
}
