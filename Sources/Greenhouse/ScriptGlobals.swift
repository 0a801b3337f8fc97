import LuaRuntime

/// The globals that several scripts of one host have together: from ``ScriptHost/makeGlobals()``.
///
/// May be kept, copied and dropped on any thread.
public struct ScriptGlobals: Sendable {
    let reference: LuaReference
}

extension ScriptHost {
    /// Globals for scripts that are to find what the others of them define: the parts of one app.
    ///
    /// Without them each script of a closed sandbox has globals of its own. In an open one they are the host's.
    /// - Throws: `.memory`, `.closed`.
    public func makeGlobals() throws(LuaError) -> ScriptGlobals {
        let stack = try core.opened().lua.main
        let before = stack.top
        defer { stack.setTop(before) }
        if let environments = core.environments { try environments.pushGlobals() } else { stack.pushGlobals() }
        do throws(LuaMismatch) {
            return ScriptGlobals(reference: try LuaReference(stack, at: stack.top))
        } catch {
            throw LuaError(.memory, "not enough memory")
        }
    }
}
