import Green
import LuaRuntime

/// Puts GreenWSGI into a state, and finds the handler in what an app file returned.
public enum GreenWSGIModule {
    /// Makes `GreenWSGI` a global and a field of the `green` module.
    /// - Returns: the finder for `handler(of:)`.
    public static func install(in scheduler: Scheduler) throws(LuaError) -> AppLoader {
        let lua = scheduler.lua
        for definition in [
            RequestObject.definition, RequestHeaders.definition, RouterObject.definition, MemoryCall.server,
            MemoryCall.exchange,
        ] {
            try lua.register(definition)
        }
        let stack = lua.main
        try lua.load(PackageResources.wsgi_lua, name: "=wsgi.lua")
        do throws(LuaFailure) {
            scheduler.pushModule(on: stack)
            try stack.push(RouterObject.make)
            try stack.push(WSGINatives.page)
            try stack.push(WSGINatives.refusal)
            try stack.push(WSGINatives.log)
            try stack.push(reference: MemoryServer(), as: MemoryCall.server)
            try stack.push(MemoryCall.pastDeadline)
            try stack.push(WSGINatives.account)
        } catch {
            throw LuaError(taking: stack, status: 2)
        }
        try lua.call(on: stack, arguments: 8, results: 4)
        let slot: Int32
        do throws(LuaFailure) {
            scheduler.attachments.append(try AnswerReaders(takenFrom: stack, lua.vault))
            slot = try lua.vault.reserve()
            lua.vault.store(slot, from: stack)
            stack.pushGlobals()
            stack.insert(at: -2)
            try stack.setField("GreenWSGI", of: -2)
            stack.pop()
        } catch {
            throw LuaError(taking: stack, status: 2)
        }
        return AppLoader(scheduler, finder: slot)
    }
}

/// Turns what an app file returned into a handler function and its pool.
public struct AppLoader {
    private let scheduler: Scheduler
    private let finder: Int32

    init(_ scheduler: Scheduler, finder: Int32) {
        self.scheduler = scheduler
        self.finder = finder
    }

    /// Takes the app off the main stack, and leaves its handler there.
    /// - Returns: the pool the app brought, nil when it brought none.
    /// - Throws: `.runtime` saying what was expected.
    public func handler() throws(LuaError) -> GreenPool? {
        let lua = scheduler.lua
        let stack = lua.main
        lua.vault.push(finder, on: stack)
        stack.insert(at: -2)
        try lua.call(on: stack, arguments: 1, results: 2)
        defer { stack.pop() }
        return GreenPool.at(-1, of: stack)
    }
}
