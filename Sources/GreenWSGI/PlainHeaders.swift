import Green
import LuaRuntime

/// Headers tables that are no plain ones, such as those of the HTTP client's responses: `wsgi.lua` says what is in them.
final class PlainHeaders {
    private let vault: Vault
    /// The vault's number of the function that makes a plain table of one.
    private let function: Int32

    /// Takes the function off the top of a stack.
    init(takenFrom stack: LuaStack, _ vault: Vault) throws(LuaFailure) {
        self.vault = vault
        function = try vault.reserve()
        vault.store(function, from: stack)
    }

    /// Puts a plain table in the place of one whose metatable says how `pairs` goes through it.
    static func settle(at index: Int32, of stack: LuaStack, _ scheduler: Scheduler) throws(LuaError) {
        guard stack.hasMetafield("__pairs", at: index) else { return }
        for attachment in scheduler.attachments {
            guard let headers = attachment as? PlainHeaders else { continue }
            headers.vault.push(headers.function, on: stack)
            stack.pushCopy(of: index)
            try scheduler.lua.call(on: stack, arguments: 1, results: 1)
            stack.replace(at: index)
        }
    }
}
