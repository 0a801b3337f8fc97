import Green
import HTTPWire
import LuaRuntime

/// The run of a handler: turns what it gives into the response. Each connection has one, for all its requests.
///
/// Loop thread only.
final class RequestJob: Outcome {
    private let server: HTTPServer
    /// Held while the handler runs, also when the client has long gone.
    var connection: HTTPConnection?
    /// The green that runs it.
    /// Safety: workers live as long as the scheduler, which the server retains.
    unowned(unsafe) var worker: GreenWorker?
    private var isCancelled = false

    var isRunning: Bool { connection != nil }

    init(_ server: HTTPServer) {
        self.server = server
        super.init()
    }

    override var waitDescription: String { "a handler to end" }

    /// Makes the handler's wait raise `cancelled`.
    func cancel() {
        guard isRunning else { return }
        isCancelled = true
        if let worker { server.scheduler.interrupt(worker, .cancelled) }
    }

    override func begun(by worker: GreenWorker) {
        self.worker = worker
        if isCancelled { server.scheduler.interrupt(worker, .cancelled) }
    }

    /// The handler is over: whose response is it, if anybody still wants it?
    private func end() -> HTTPConnection? {
        let connection = connection
        self.connection = nil
        worker = nil
        isCancelled = false
        guard let connection, connection.phase == .handling else { return nil }
        return connection
    }

    override func continuation(_ stack: LuaStack, results count: Int32) -> Int32? {
        guard let connection, connection.phase == .handling, !connection.hasResponded else { return nil }
        if count == 0 || stack.type(at: -count) == .string { return nil }
        let before = stack.top
        if case .response(let response) = ResponseReader.read(stack, results: count),
            case .stream(let index) = response.body,
            // A bad one is found again by `succeeded`, which tells.
            case .success(let wantsBody) = ResponseWriting.begin(response, on: connection, stack)
        {
            connection.flush()
            if wantsBody, let arguments = BodyStream.push(index, connection, on: stack) { return arguments }
        }
        stack.setTop(before)
        return nil
    }

    override func succeeded(_ stack: LuaStack, results count: Int32) {
        guard let connection = end() else { return }
        if connection.hasResponded { return connection.finishStream() }
        switch ResponseReader.read(stack, results: count) {
        case .nothing: ErrorPage.answer(404, nil, on: connection)
        case .invalid(let problem): fail(connection, "a handler's answer cannot be sent: \(problem)")
        case .response(let response):
            if case .failure(let problem) = ResponseWriting.write(response, on: connection, stack) {
                fail(connection, "a handler's answer cannot be sent: \(problem.text)")
            }
        }
    }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        let traceback = server.scheduler.traceback(of: worker)
        guard let connection = end() else { return }
        if connection.clientIsGone {
            connection.recordExchange(status: 499, bodyBytes: 0)
            return connection.close()
        }
        // An error that is a table with a status is an answer, thrown: {status = 404, headers = …, body = …}.
        if !connection.hasResponded, stack.type(at: -1) == .table, stack.reserve(20),
            case .response(let response) = ResponseReader.read(stack, results: 1),
            case .success = ResponseWriting.write(response, on: connection, stack)
        {
            return
        }
        if !connection.hasResponded, let refused = connection.body?.error {
            connection.keepAlive = false
            return ErrorPage.answer(refused.status, refused.description, on: connection)
        }
        let message = stack.reserve(8) ? LuaError(valueOnTopOf: stack).message : "stack overflow"
        fail(connection, message + "\n" + traceback)
    }

    override func cancelledBeforeStart() {
        guard let connection = end() else { return }
        connection.recordExchange(status: 499, bodyBytes: 0)
        connection.close()
    }

    override func abandoned() {
        connection = nil
        worker = nil
    }

    private func fail(_ connection: HTTPConnection, _ details: String) {
        server.scheduler.log("error in a handler: \(details)")
        // Once the head is out there is no other way to say that the body is not whole (RFC 9112 §7).
        if connection.hasResponded { return connection.close() }
        ErrorPage.answer(500, details, on: connection)
    }
}
