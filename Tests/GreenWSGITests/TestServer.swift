import EventLoop
import Glibc
import Green
import GreenNet
import HTTPWire
import LuaRuntime
import Testing

@testable import GreenWSGI

/// A server in the test's own thread: the test drives its loop, so nothing happens that it does not see, and what
/// it looks at does not move.
final class TestServer {
    let loop: EventLoop
    let scheduler: Scheduler
    let server: HTTPServer
    let address: SocketAddress
    /// What the scheduler logged.
    var log: [String] { messages.lines }
    private let messages = Messages()
    private let pool: GreenPool?

    /// Runs `app`, an app file's text, and listens on a free port of the loopback.
    init(
        _ app: String, options: ServerOptions = ServerOptions(), clock: LoopClock = .monotonic,
        accessLog: AccessLog? = nil, maxWorkers: Int = 100, queueLimit: Int? = nil,
        grace: Duration = .seconds(10)
    ) throws {
        loop = try EventLoop(name: "test", clock: clock)
        var limits = RunLimits(grace: grace)
        limits.blockedAfter = nil  // A slow machine would add to what is logged.
        let scheduler = try Scheduler(loop: loop, limits: limits)
        self.scheduler = scheduler
        let loader = try GreenWSGIModule.install(in: scheduler)
        pool = try Self.load(app, scheduler, loader)
        server = try HTTPServer(
            scheduler, pool: pool ?? GreenPool(scheduler, maxWorkers: maxWorkers, queueLimit: queueLimit),
            options: options, accessLog: accessLog)
        address = try server.listen(on: BindAddress(parsing: "127.0.0.1:0"))
        scheduler.log = { [messages] in messages.lines.append($0) }
    }

    deinit {
        server.stopNow()
        // Handlers that were cancelled end on their next turn.
        for _ in 0..<5 { loop.runOnce(blocking: false) }
        scheduler.close()
    }

    /// The whole of an app file runs as a green; its value is left on the main stack as a handler.
    private static func load(_ app: String, _ scheduler: Scheduler, _ loader: AppLoader) throws -> GreenPool? {
        let outcome = AppOutcome(scheduler.lua)
        try scheduler.lua.load(Array(app.utf8), name: "=app.lua")
        try scheduler.start(from: scheduler.lua.main, arguments: 0, outcome: outcome)
        while !outcome.isDone { scheduler.loop.runOnce(blocking: true) }
        if let problem = outcome.problem { throw LuaError(.runtime, problem) }
        return try loader.handler()
    }

    /// Lets the loop turn until something holds; the longest wait is a minute of the wall's clock.
    func run(_ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation, until isSo: () -> Bool) {
        let start = MonotonicTime.now()
        while !isSo() {
            if MonotonicTime.now() > start + .seconds(60) {
                Issue.record(comment ?? "what was waited for did not happen", sourceLocation: location)
                return
            }
            turn()
        }
    }

    /// One turn of the loop; sleeps until there is something to do, a millisecond at most: the client may have it.
    func turn() {
        loop.runOnce(blocking: false)
        if loop.nextDeadline <= loop.now { return }
        var entry = pollfd(fd: loop.epollDescriptor, events: Int16(POLLIN), revents: 0)
        poll(&entry, 1, 1)
    }

    /// Turns until what is there to do is done.
    func settle() { for _ in 0..<20 { loop.runOnce(blocking: false) } }

    /// A client that is connected, and accepted.
    func client(receiveBuffer: Int32? = nil) throws -> RawClient {
        let client = try RawClient(self, receiveBuffer: receiveBuffer)
        let port = SocketAddress.local(of: client.descriptor)?.port
        run("the connection was not taken") { server.table.connections.contains { $0?.peer.port == port } }
        return client
    }

    /// The answer to one request on a connection of its own.
    func exchange(_ request: String, at location: SourceLocation = #_sourceLocation) throws -> RawResponse {
        let client = try client()
        client.send(request)
        return try client.response(at: location)
    }

    func get(_ path: String, headers: String = "", at location: SourceLocation = #_sourceLocation) throws -> RawResponse
    {
        try exchange("GET \(path) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n", at: location)
    }

    /// A global of the app, as text.
    func global(_ name: String) -> String {
        let stack = scheduler.lua.main
        stack.pushGlobals()
        defer { stack.setTop(0) }
        do { try stack.pushField(name, of: -1) } catch { return "?" }
        return stack.description(of: -1)
    }

    /// Open sockets of this process that belong to this server: its listener and both ends of its connections.
    var openSockets: Int {
        (0..<Int32(4_096)).count { descriptor in
            guard let local = SocketAddress.local(of: descriptor), local.family == .ipv4 else { return false }
            return local.port == address.port || SocketAddress.peer(of: descriptor)?.port == address.port
        }
    }
}

/// Outlives the server: what its last greens leave behind is logged, too.
private final class Messages {
    var lines: [String] = []
}

/// Keeps what the app file returned on the main stack.
private final class AppOutcome: Outcome {
    private let lua: LuaState
    private(set) var isDone = false
    private(set) var problem: String?

    init(_ lua: LuaState) {
        self.lua = lua
        super.init()
    }

    override func succeeded(_ stack: LuaStack, results count: Int32) {
        isDone = true
        if count == 0 { return lua.main.pushNil() }
        stack.pushCopy(of: -count)
        stack.move(1, to: lua.main)
    }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        isDone = true
        problem = stack.description(of: -1)
    }
}
