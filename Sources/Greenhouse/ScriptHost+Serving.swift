import EventLoop
import Green
import GreenNet
import GreenWSGI
import LuaRuntime

/// HTTP servers whose requests are answered by scripts.
extension ScriptHost {
    /// Serves an app: a function of a request, or a GreenWSGI object.
    /// - Parameters:
    ///   - app: what answers.
    ///   - address: as ``GreenNet/BindAddress`` reads it: "127.0.0.1:8060"; port 0 lets the system choose.
    ///   - options: how connections are treated.
    ///   - maxWorkers: how many handlers run at once, when the app brings no pool of its own.
    ///   - queueLimit: how many requests may wait for a worker; nil for no bound.
    /// - Throws: `LuaError`, or `NetError` when the address cannot be had.
    public func serve(
        _ app: LuaFunction, on address: String, options: ServerOptions = ServerOptions(), maxWorkers: Int = 1_000,
        queueLimit: Int? = nil
    ) throws -> RunningServer {
        try serve(
            HeldValue(reference: app.reference), on: address, options: options, maxWorkers: maxWorkers,
            queueLimit: queueLimit)
    }

    /// The same for an app file, whose top level runs in a green, and may return anything that GreenWSGI takes.
    public func serve(
        _ script: ScriptFile, on address: String, options: ServerOptions = ServerOptions(), maxWorkers: Int = 1_000,
        queueLimit: Int? = nil
    ) async throws -> RunningServer {
        let app = try await run(script, returning: HeldValue.self)
        return try serve(app, on: address, options: options, maxWorkers: maxWorkers, queueLimit: queueLimit)
    }

    private func serve(
        _ app: HeldValue, on address: String, options: ServerOptions, maxWorkers: Int, queueLimit: Int?
    ) throws -> RunningServer {
        let scheduler = try core.opened()
        guard let apps = core.apps else {
            throw LuaError(.runtime, "serving needs the base, table, string and math libraries: open them")
        }
        let address = try BindAddress(parsing: address)
        let stack = scheduler.lua.main
        let before = stack.top
        defer { stack.setTop(before) }
        do throws(LuaFailure) {
            try app.pushLua(on: stack)
        } catch {
            throw LuaError(error, taking: stack)
        }
        var pool = try apps.handler()
        if pool == nil {
            let own = GreenPool(scheduler, queueLimit: queueLimit)
            own.maxWorkers = max(1, maxWorkers)
            pool = own
        }
        guard let pool else { fatalError("bug: a pool is missing") }
        let server = try HTTPServer(scheduler, pool: pool, options: options)
        let bound = try server.listen(on: address)
        core.servers.append(server)
        return RunningServer(core.link, server, address: bound)
    }
}
