import EventLoop
import Green
import LuaRuntime

/// A Lua state that Swift calls and that calls Swift: an actor whose executor is an event loop.
///
/// ```swift
/// let loop = try EventLoop(name: "lua")
/// loop.start()
/// let host = try await ScriptHost(on: loop, limits: RunLimits(memory: 64 << 20))
/// try await host.register("add") { (a: Int, b: Int) in a + b }
/// let handler = try await host.load("return function(n) return add(n, 1) end", name: "handler.lua")
/// let n = try await host.call(handler, 41, returning: Int.self)  // 42
/// await host.close()
/// ```
///
/// Everything of a host happens on its loop's thread; several hosts may share one. The loop must run.
public actor ScriptHost {
    /// The loop that everything happens on.
    public nonisolated let loop: EventLoop
    let core: HostCore

    /// The loop; the host keeps it alive.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// A host with a fresh Lua state.
    /// - Parameters:
    ///   - loop: where it lives. It must be running, or run later, for this to return.
    ///   - libraries: what scripts find of the standard libraries. By default nothing that reaches files or processes.
    ///   - sandbox: whether scripts are kept from each other. nil: yes, unless `libraries` has `package` or `debug`,
    ///     which reach all scripts.
    ///   - limits: how long its greens may run, and how much they may use. By default nothing but slices of 10 ms.
    /// - Throws: `.memory`; `.file` for a module folder that is none; `.runtime` for a closed sandbox with `package` or
    ///   `debug`.
    public init(
        on loop: EventLoop, libraries: LuaLibraries = .sandboxed, sandbox: ScriptSandbox? = nil,
        limits: RunLimits = RunLimits()
    ) async throws(LuaError) {
        self.loop = loop
        core = HostCore(HostLink(loop))
        try open(libraries, sandbox ?? (libraries.isDisjoint(with: [.package, .debug]) ? .closed : .open), limits)
    }

    private func open(_ libraries: LuaLibraries, _ sandbox: ScriptSandbox, _ limits: RunLimits) throws(LuaError) {
        try core.open(libraries, sandbox, limits)
    }

    deinit {
        if !core.link.isClosed { loop.execute { [core] in core.close() } }
    }

    /// Ends everything of the host where it stands: greens do not go on, servers drop their connections, calls that
    /// wait throw `.closed`, tasks of `async` functions are cancelled, and the Lua state is freed. Later calls throw
    /// `.closed`. Closing twice does nothing.
    public func close() { core.close() }

    /// Where messages go that nobody asked for, such as an error in a handler. Standard error by default.
    public func setLog(_ log: @escaping @Sendable (String) -> Void) throws(LuaError) {
        try core.opened().log = log
    }

    /// What the allocator of the Lua state counts.
    public var memory: LuaMemory {
        get throws(LuaError) { try core.opened().lua.memory }
    }

    /// Lends the Lua state for synchronous steps. The view cannot be kept, and calls through it cannot wait.
    public func withLua<T: Sendable>(_ body: @Sendable (borrowing Lua) throws -> T) throws -> T {
        _ = try core.opened()
        return try body(Lua(core: core))
    }
}
