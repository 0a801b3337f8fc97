import Green
import HTTPWire
import LuaRuntime

/// The run of a handler: turns what it gives into the response. Each connection has one, for all its requests.
///
/// Loop thread only.
final class RequestJob: Outcome {
    private let server: HTTPServer
    /// Held by its table while the handler runs, also when the client has long gone.
    /// Safety: a connection takes itself out when it closes, and an open one is held by its table.
    unowned(unsafe) var connection: HTTPConnection?
    /// The green that runs it.
    /// Safety: workers live as long as the scheduler, which the server retains.
    unowned(unsafe) var worker: GreenWorker?
    /// The pool in whose line it waits.
    private var line: GreenPool?
    private var wasDropped = false
    /// What its request is called, once the connection has closed.
    var name = ""

    var isRunning: Bool { connection != nil }

    init(_ server: HTTPServer) {
        self.server = server
        super.init()
    }

    override var waitDescription: String { "a handler to end" }

    override var subject: String? { connection?.requestName ?? (name.isEmpty ? nil : name) }

    /// Makes the handler's wait raise `cancelled`; one that waits for a worker never begins.
    func cancel() {
        guard isRunning else { return }
        if let worker { return server.scheduler.interrupt(worker, .cancelled) }
        guard let line else { return }
        // Its connection serves nothing more, so this stays as it is until the line has let go of it.
        wasDropped = true
        line.jobWasCancelled()
        cancelledBeforeStart()
    }

    override var isSettled: Bool { wasDropped }

    override func waits(in pool: GreenPool) { line = pool }

    override func begun(by worker: GreenWorker) {
        if line != nil { line = nil }
        self.worker = worker
        if server.limitsHandlers, let limits = server.options.handlerLimits { server.scheduler.limit(worker, limits) }
    }

    /// The handler is over: whose response is it, if anybody still wants it?
    private func end() -> HTTPConnection? {
        let connection = connection
        self.connection = nil
        worker = nil
        if line != nil { line = nil }
        guard let connection, connection.phase == .handling else { return nil }
        return connection
    }

    override func continuation(_ stack: LuaStack, results count: Int32) -> Int32? {
        if count == 0 || stack.type(at: -count) == .string { return nil }
        guard let connection, connection.phase == .handling, !connection.hasResponded else { return nil }
        return connection.continuation(stack, results: count)
    }

    override func succeeded(_ stack: LuaStack, results count: Int32) {
        guard let connection = end() else { return }
        connection.answer(stack, results: count)
    }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        guard let connection = end() else { return logUnlessCancelled(worker, stack, name) }
        if connection.clientIsGone {
            logUnlessCancelled(worker, stack, connection.requestName)
            connection.recordExchange(status: 499, bodyBytes: 0)
            return connection.close()
        }
        if answer(thrownOn: stack, connection) { return }
        connection.answerFailure { details(worker, stack) }
    }

    override func reading(ofError stack: LuaStack) -> Int32? {
        guard let connection, connection.phase == .handling, !connection.hasResponded else { return nil }
        return connection.reading(ofThrownOn: stack)
    }

    private func answer(thrownOn stack: LuaStack, _ connection: HTTPConnection) -> Bool {
        guard !connection.hasResponded, stack.type(at: -1) == .table, stack.reserve(1) else { return false }
        // The stack of a failed coroutine runs nothing any more.
        let main = server.scheduler.lua.main
        guard main.reserve(1) else { return false }
        let before = main.top
        defer { main.setTop(before) }
        stack.pushCopy(of: -1)
        stack.move(1, to: main)
        return connection.answer(thrownOn: main)
    }

    private func details(_ worker: GreenWorker, _ stack: LuaStack) -> String {
        server.scheduler.error(of: worker, on: stack).description
    }

    /// Nobody is there to be answered, but an error is not lost.
    private func logUnlessCancelled(_ worker: GreenWorker, _ stack: LuaStack, _ name: String) {
        if ErrorObject.at(-1, of: stack)?.kind == .cancelled { return }
        server.scheduler.log("error in a handler: \(name): \(details(worker, stack))")
    }

    override func cancelledBeforeStart() {
        guard let connection = end() else { return }
        connection.recordExchange(status: 499, bodyBytes: 0)
        connection.close()
    }

    override func abandoned() {
        connection = nil
        worker = nil
        line = nil
    }
}
