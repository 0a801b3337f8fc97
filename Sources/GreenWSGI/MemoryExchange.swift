import Glibc
import Green
import GreenNet
import HTTPWire
import LuaRuntime

/// One request and its response without a socket.
///
/// Its connection is like any other, of a client that takes nothing: what is written waits in `pending` for ever, and
/// is read from there once it is whole. So all that happens between the request's bytes and the response's is the
/// server's own. Loop thread only.
final class MemoryExchange {
    let connection: HTTPConnection
    private let output = PendingOutput()

    init(_ server: HTTPServer) {
        connection = HTTPConnection(server, descriptor: -1, peer: Self.nobody)
        connection.slot = server.table.insert(connection)
        connection.pending = output
    }

    deinit { connection.close() }

    /// Without host and port.
    private static let nobody: SocketAddress = {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        return SocketAddress(storage: storage, length: socklen_t(MemoryLayout<sa_family_t>.size))
    }()

    /// Takes a request, and pushes its object; false, and nothing pushed, when it was answered already.
    func take(
        _ request: consuming MemoryRequest, body: UnsafeRawBufferPointer?, on stack: LuaStack
    ) throws(LuaFailure) -> Bool {
        let server = connection.server
        let input = ConnectionInput(limits: server.options.limits)
        connection.input = input
        request.finish(body: body, into: &input.buffer)
        let bytes = request.head.readableBytes
        let progress = input.parser.parse(bytes)
        if case .failed(let error) = progress { return refuse(error) }
        let head = input.parser.head
        guard case .complete = progress, head.byteCount == bytes.count, head.fieldCount == request.fieldCount else {
            return refuse(RequestError(400, "request: a line break inside a line of its head"))
        }
        if case .length(let count) = head.framing, count > input.buffer.count {
            return refuse(RequestError(400, "content: shorter than its content-length; send all of it"))
        }
        connection.begin(head, input.parser.fields, bytes)
        if head.method == .connect { return refuse(HTTPConnection.noConnect) }
        // It is all there: nothing has to be asked for.
        connection.body?.awaitsContinue = false
        try connection.pushRequest(head, input.parser.fields, bytes, on: stack)
        return true
    }

    private func refuse(_ error: RequestError) -> Bool {
        connection.refuse(error)
        return false
    }

    /// The response, which is whole by now; nil when it was broken off.
    func response() -> WrittenResponse? {
        connection.phase == .closed ? nil : WrittenResponse(output.buffer.readableBytes)
    }
}

/// The server of all such exchanges of a state. It listens nowhere, and is made when the first of them comes.
final class MemoryServer {
    private var made: HTTPServer?

    func server(_ scheduler: Scheduler) throws(LuaError) -> HTTPServer {
        if let made { return made }
        var options = ServerOptions()
        // Nobody takes the output meanwhile, so a stream must not wait for that.
        options.writeHighWater = .max
        // Handlers run in the green that calls, and not in the pool.
        scheduler.lua.main.pushNil()
        let server = try HTTPServer(scheduler, pool: GreenPool(scheduler), options: options)
        made = server
        return server
    }
}
