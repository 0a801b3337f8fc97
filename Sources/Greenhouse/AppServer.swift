import EventLoop
import Green
import GreenNet
import GreenWSGI
import LuaRuntime

/// Serves an app file on the calling thread: what `greenhouse serve` does.
///
/// The file's top level is a green and may wait; what it returns is a GreenWSGI, or anything GreenWSGI takes.
public final class AppServer {
    /// The loop everything happens on.
    public let loop: EventLoop
    /// The greens of the app.
    public let scheduler: Scheduler
    private let loader: AppLoader
    private let environments: ScriptEnvironments
    /// How many handlers run at once, when the app brings no pool of its own.
    public var maxWorkers = 1_000
    /// How many requests may wait for a worker; nil for no bound.
    public var queueLimit: Int?
    /// How connections are treated.
    public var options = ServerOptions()
    /// The running server.
    public private(set) var server: HTTPServer?

    /// An app server with a fresh Lua state.
    /// - Parameters:
    ///   - libraries: what the app finds of the standard libraries.
    ///   - sandbox: how far the app is trusted: as much as the program, by default.
    ///   - limits: how long its greens may run, and how much they may use. What one request may use:
    ///     `ServerOptions.handlerLimits`.
    public init(
        libraries: LuaLibraries = .all, sandbox: ScriptSandbox = .open, limits: RunLimits = RunLimits()
    ) throws(LuaError) {
        do {
            loop = try EventLoop(name: "serve")
        } catch {
            throw LuaError(.runtime, "\(error)")
        }
        scheduler = try Scheduler(loop: loop, libraries: libraries, limits: limits)
        guard let loader = try HostModules.install(in: scheduler, libraries) else {
            throw LuaError(.runtime, "an app needs the libraries base, table, string and math")
        }
        self.loader = loader
        environments = try ScriptEnvironments(in: scheduler, libraries, sandbox)
        try HostModules.limitMemory(of: scheduler)
    }

    deinit { close() }

    /// Ends what still runs, and frees the Lua state.
    public func close() {
        server?.stopNow()
        scheduler.close()
    }

    /// Runs the app file's top level until it has returned.
    /// - Returns: the server of the app, which listens nowhere yet.
    /// - Throws: `.syntax`, `.runtime`, or that it returned no app, or that it waits for what can never happen.
    @discardableResult
    public func load(_ script: ScriptFile, accessLog: AccessLog? = nil) throws(LuaError) -> HTTPServer {
        let lua = scheduler.lua
        if let folder = script.folder { try lua.addPackagePath("\(folder)/?.lua;\(folder)/?/init.lua") }
        try lua.load(script.source, name: script.chunkName)
        try environments.isolate()
        let outcome = AppOutcome(scheduler)
        do throws(LuaFailure) {
            try scheduler.start(from: lua.main, arguments: 0, outcome: outcome)
        } catch {
            throw LuaError(valueOnTopOf: lua.main)
        }
        while !outcome.isDone {
            if !loop.hasPendingWork { throw LuaError(.runtime, scheduler.deadlockReport()) }
            loop.runOnce(blocking: true)
        }
        if let error = outcome.error { throw error }
        let pool: GreenPool?
        do throws(LuaError) {
            pool = try loader.handler()
        } catch {
            throw LuaError(error.kind, "\(script.chunkName.dropFirst()): \(error.message)")
        }
        let server = try HTTPServer(scheduler, pool: pool ?? ownPool(), options: options, accessLog: accessLog)
        self.server = server
        return server
    }

    private func ownPool() -> GreenPool {
        let pool = GreenPool(scheduler, queueLimit: queueLimit)
        pool.maxWorkers = max(1, maxWorkers)
        return pool
    }
}

/// Keeps what the app file returned on the main stack.
private final class AppOutcome: Outcome {
    private let scheduler: Scheduler
    private(set) var isDone = false
    private(set) var error: LuaError?

    init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init()
    }

    override func succeeded(_ stack: LuaStack, results count: Int32) {
        isDone = true
        if count == 0 {
            scheduler.lua.main.pushNil()
        } else {
            stack.pushCopy(of: -count)
            stack.move(1, to: scheduler.lua.main)
        }
    }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        isDone = true
        error = scheduler.error(of: worker, on: stack)
    }
}
