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
        let slot: Int32
        do {
            slot = try install(on: lua.main, scheduler)
        } catch let error as LuaError {
            throw error
        } catch {
            throw LuaError(taking: lua.main, status: 2)
        }
        return AppLoader(scheduler, finder: slot)
    }

    private static let natives: [(String, Native)] = [
        ("router", RouterObject.make), ("page", WSGINatives.page), ("refusal", WSGINatives.refusal),
        ("log", WSGINatives.log), ("account", WSGINatives.account), ("past_deadline", MemoryCall.pastDeadline),
        ("fault", .fault),
    ]

    /// In the order in which they need each other; the last one gives the finder.
    private static let chunks: [(String, [UInt8])] = [
        ("values", PackageResources.values_lua), ("answers", PackageResources.answers_lua),
        ("middleware", PackageResources.middleware_lua), ("errors", PackageResources.errors_lua),
        ("wsgi", PackageResources.wsgi_lua),
    ]

    /// Runs the chunks, each with the `green` module, the natives, and what the chunks before it returned, by their names.
    /// - Returns: the vault's number of the finder.
    private static func install(on stack: LuaStack, _ scheduler: Scheduler) throws -> Int32 {
        let lua = scheduler.lua
        let before = stack.top
        scheduler.pushModule(on: stack)
        let module = stack.top
        try stack.pushTable(fields: natives.count + 1)
        let table = stack.top
        for (name, native) in natives {
            try stack.push(native)
            try stack.setField(name, of: table)
        }
        try stack.push(reference: MemoryServer(), as: MemoryCall.server)
        try stack.setField("memory", of: table)
        try stack.pushTable(fields: chunks.count)
        let parts = stack.top
        for (name, text) in chunks {
            try lua.load(text, name: "=[GreenWSGI/\(name).lua]")
            for index in [module, table, parts] { stack.pushCopy(of: index) }
            try lua.call(on: stack, arguments: 3, results: 1)
            try stack.setField(name, of: parts)
        }
        try stack.pushField("answers", of: parts)
        scheduler.attachments.append(try AnswerReaders(of: stack, lua.vault))
        stack.pushGlobals()
        try stack.pushField("GreenWSGI", of: module)
        try stack.setField("GreenWSGI", of: -2)
        try stack.pushField("wsgi", of: parts)
        let slot = try lua.vault.reserve()
        lua.vault.store(slot, from: stack)
        stack.setTop(before)
        return slot
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
