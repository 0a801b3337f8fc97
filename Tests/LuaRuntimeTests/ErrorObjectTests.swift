import LuaRuntime
import Testing

@Suite struct ErrorObjectTests {
    struct Cause: Error {}

    let state: LuaState

    init() throws {
        state = try LuaState.forTest()
        try state.register(ErrorObject.definition)
    }

    private func push(_ object: ErrorObject) throws {
        try state.main.push(reference: object, as: ErrorObject.definition)
        try state.setGlobal("failure")
    }

    @Test func scriptsReadKindAndMessage() throws {
        try push(ErrorObject(.timeout, "too late"))
        #expect(
            try state.run("return failure.kind, failure.message, tostring(failure)") == "timeout, too late, too late")
        #expect(try state.run("return failure.other") == "nil")
        #expect(
            try state.run("return select(2, pcall(function() failure.kind = 'x' end))")
                == "test:1: cannot set field 'kind' of a green.error")
    }

    @Test func kindsHaveNames() {
        let names: [(LuaError.Kind, String)] = [
            (.timeout, "timeout"), (.cancelled, "cancelled"), (.closed, "closed"), (.conversion, "conversion"),
            (.runtime, "runtime"), (.memory, "runtime"),
        ]
        for (kind, name) in names { #expect(ErrorObject(kind, "").kindName == name) }
        #expect(ErrorObject(.runtime, "", underlying: Cause()).kindName == "host")
    }

    @Test func aRaisedOneComesBackAsTheSwiftErrorItWas() throws {
        try push(ErrorObject(.cancelled, "stopped", underlying: Cause()))
        let error = #expect(throws: LuaError.self) { try state.run("error(failure)") }
        #expect(error?.kind == .cancelled)
        #expect(error?.message == "stopped")
        #expect(error?.underlying is Cause)
        #expect(error?.traceback.contains("test:1:") == true)
    }

    @Test func otherValuesAreNone() throws {
        state.main.push(1)
        #expect(ErrorObject.at(-1, of: state.main) == nil)
        try state.push(expression: "io.stdout")
        #expect(ErrorObject.at(-1, of: state.main) == nil)
        state.main.setTop(0)
    }
}
