import CGreen

extension LuaError {
    /// Takes the error value of a failed operation off a stack.
    public init(_ failure: LuaFailure, taking stack: LuaStack) {
        self.init(taking: stack, status: Int32(failure.isMemory ? CG_ERRMEM : CG_ERRRUN))
    }

    /// Reads the error value of a failed coroutine by way of `main`; both stacks stay as they are.
    public init(ofFailed stack: LuaStack, by main: LuaStack, traceback: String) {
        let status = cg_status(stack.pointer)
        guard stack.reserve(1), main.reserve(8) else {
            // A stack that is full, or may not grow, has no room to ask for more than the text itself.
            let text = stack.string(at: -1) ?? "an error that is a \(stack.typeName(at: -1))"
            self.init(Int(status) == CG_ERRMEM ? .memory : .runtime, text, traceback: traceback)
            return
        }
        stack.pushCopy(of: -1)
        stack.move(1, to: main)
        self.init(valueOnTopOf: main, status: status, traceback: traceback)
        main.pop()
    }
}
