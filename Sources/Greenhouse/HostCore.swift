import EventLoop
import Green
import GreenWSGI
import LuaRuntime

/// The part of a host that stays on the loop: its greens, and the calls that wait for them.
///
/// Loop thread only.
// Safety: the host, an actor on the loop, and jobs of the loop are the only ones to use it; others pass it on.
final class HostCore: @unchecked Sendable {
    let link: HostLink
    /// nil before `open` and after `close`.
    private(set) var scheduler: Scheduler?
    private(set) var apps: AppLoader?
    private(set) var environments: ScriptEnvironments?
    var servers: [HTTPServer] = []
    /// Calls from Swift that have not ended; told when the host closes.
    private var calls: [ObjectIdentifier: PendingCall] = [:]
    private(set) var isClosed = false
    /// How many `onMain` are under way: Lua may be running below them.
    private var depth = 0

    init(_ link: HostLink) {
        self.link = link
        link.core = self
    }

    deinit { close() }

    func open(_ libraries: LuaLibraries, _ sandbox: ScriptSandbox, _ limits: RunLimits) throws(LuaError) {
        let scheduler = try Scheduler(loop: link.loop, libraries: libraries, limits: limits)
        self.scheduler = scheduler
        scheduler.attachments.append(link)
        let lua = scheduler.lua
        try RegisteredFunction.install(in: lua)
        try AsyncCall.install(in: lua)
        if !sandbox.isClosed { try Sandbox.install(in: scheduler, libraries) }
        apps = try HostModules.install(in: scheduler, libraries)
        environments = try ScriptEnvironments(in: scheduler, libraries, sandbox)
        try HostModules.limitMemory(of: scheduler)
    }

    /// What everything but `close` asks first.
    func opened() throws(LuaError) -> Scheduler {
        guard let scheduler, !isClosed else { throw Self.closedError }
        // What was refused may have been refused to Swift, and no green has had a turn since.
        if scheduler.lua.wasRefusedMemory, depth == 0 { scheduler.reclaimMemory() }
        return scheduler
    }

    static let closedError = LuaError(.closed, "the host is closed")

    /// Runs a body on the main stack, which is afterwards as it was.
    func onMain<T>(_ body: (LuaStack, Scheduler) throws(LuaFailure) -> T) throws(LuaError) -> T {
        let scheduler = try opened()
        let stack = scheduler.lua.main
        let before = stack.top
        depth += 1
        defer {
            depth -= 1
            stack.setTop(before)
        }
        guard stack.reserve(20) else { throw LuaError(.memory, "not enough memory") }
        do throws(LuaFailure) {
            return try body(stack, scheduler)
        } catch {
            if error.isMemory { scheduler.reclaimMemory() }
            var failure = LuaError(error, taking: stack)
            if failure.kind == .memory, let most = scheduler.limits.memory {
                failure.limit = .memory(most)
                failure.message = RunLimit.memory(most).message
            }
            throw failure
        }
    }

    /// Begins a call: `push` puts the function and its arguments on the main stack, and answers how many arguments.
    func begin(_ call: PendingCall, _ push: (LuaStack) throws(LuaFailure) -> Int32) throws(LuaError) {
        try onMain { (stack, scheduler) throws(LuaFailure) in
            let arguments = try push(stack)
            try scheduler.start(from: stack, arguments: arguments, outcome: call)
        }
        calls[ObjectIdentifier(call)] = call
    }

    func ended(_ call: PendingCall) { calls[ObjectIdentifier(call)] = nil }

    /// Gives up a value that a reference held.
    func release(_ slot: Int32) {
        if !isClosed { scheduler?.lua.vault.release(slot) }
    }

    /// Ends everything where it stands. From inside a running script it is done once that has given up the loop.
    func close() {
        guard !isClosed else { return }
        if let scheduler, depth > 0 || scheduler.lua.isRunning {
            link.loop.execute { [link] in link.core?.close() }
            return
        }
        isClosed = true
        link.markClosed()
        for call in Array(calls.values) { call.hostCloses() }
        // Out of the properties first: what is released below may look at them.
        let (servers, scheduler, apps) = (servers, scheduler, apps)
        self.servers = []
        self.scheduler = nil
        self.apps = nil
        environments = nil
        for server in servers { server.stopNow() }
        scheduler?.close()
        let attachments = scheduler?.attachments
        scheduler?.attachments = []
        withExtendedLifetime((attachments, apps)) {}
    }
}
