import EventLoop
import WebSocketWire

/// Between the tasks that use a WebSocket and its connection on the loop.
// Safety: everything but `core` and `asked` is touched on the loop's thread only; tasks pass the reference on.
final class WebSocketLink: @unchecked Sendable {
    /// What was asked for.
    struct Asked: Sendable {
        let url: String
        let subprotocols: [String]
        let headers: [(name: String, value: String?)]
        let options: WebSocketOptions
        let connection: HTTPOptions?

        init(
            _ url: String, _ subprotocols: [String], _ headers: [(name: String, value: String?)],
            _ options: WebSocketOptions, _ connection: HTTPOptions?
        ) {
            self.url = url
            self.subprotocols = subprotocols
            self.headers = headers
            self.options = options
            self.connection = connection
        }

        /// As the connection needs it.
        func connection(of client: HTTPClient) throws(HTTPClientError) -> WebSocketConnection {
            for field in headers {
                if let fault = HeaderList.fault(field) {
                    throw HTTPClientError(.invalid, fault)
                }
            }
            var request = WebSocketRequest(target: try WebSocketTarget(url, base: client.base?.url))
            let place = request.target.connectURL
            let settings: ClientSettings
            if let connection {
                settings = ClientSettings(connection)
                if connection.authentication == nil {
                    settings.authentication = client.base?.authentication(for: place)
                }
            } else {
                settings = client.settings(for: place)
            }
            if let fault = settings.fault { throw HTTPClientError(.invalid, fault) }
            request.headers = headers
            request.subprotocols = subprotocols
            request.options = options
            return WebSocketConnection(client, request, settings)
        }
    }

    /// What the server said to it.
    struct Opened: Sendable {
        var url: String
        var subprotocol: String?
        var fields: [(name: String, value: String)]
    }

    private let core: ClientCore
    private let asked: Asked
    private var connection: WebSocketConnection?
    /// In the order they came.
    private var waits: [AnyLinkWait] = []
    private var isStepping = false

    init(_ core: ClientCore, _ asked: Asked) {
        self.core = core
        self.asked = asked
    }

    // MARK: Asked by tasks

    func open() async throws(HTTPClientError) -> Opened {
        try await wait { (connection: WebSocketConnection) -> Result<Opened, HTTPClientError>? in
            if let failure = connection.openFailure { return .failure(failure) }
            guard connection.wasOpened else { return nil }
            let fields = connection.fields.map {
                (name: String(decoding: $0.name, as: UTF8.self), value: String(decoding: $0.value, as: UTF8.self))
            }
            return .success(Opened(url: connection.url, subprotocol: connection.subprotocol, fields: fields))
        }
    }

    func send(_ kind: MessageKind, _ bytes: [UInt8]) async throws(HTTPClientError) {
        try await wait(
            { (connection: WebSocketConnection) throws(HTTPClientError) -> Void in
                try Self.send(kind, bytes, connection)
            },
            until: { (connection: WebSocketConnection, _: Void) -> Result<Void, HTTPClientError>? in
                if connection.ending != nil { return .failure(connection.notOpen) }
                return connection.isFull ? nil : .success(())
            })
    }

    private static func send(
        _ kind: MessageKind, _ bytes: [UInt8], _ connection: WebSocketConnection
    ) throws(HTTPClientError) {
        let result: Result<Void, HTTPClientError> = bytes.withUnsafeBytes { bytes in
            do throws(HTTPClientError) { return .success(try connection.send(kind, bytes)) } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    func receive() async throws(HTTPClientError) -> WebSocketMessage? {
        try await wait { (connection: WebSocketConnection) -> Result<WebSocketMessage?, HTTPClientError>? in
            if let message = connection.inbox.takeFirst() {
                connection.messageWasTaken()
                return .success(WebSocketMessage(message))
            }
            guard let ending = connection.ending else { return nil }
            if ending.failure != nil || ending.code == .abnormal { return .failure(connection.notOpen) }
            return .success(nil)
        }
    }

    func ping() async throws(HTTPClientError) -> Duration {
        try await wait(
            { (connection: WebSocketConnection) throws(HTTPClientError) -> PendingPing in try connection.ping(nil) },
            until: { (connection: WebSocketConnection, ping: PendingPing) -> Result<Duration, HTTPClientError>? in
                if let time = ping.roundTrip { return .success(.nanoseconds(time)) }
                return connection.ending == nil ? nil : .failure(connection.notOpen)
            })
    }

    func close(_ code: CloseCode, _ reason: String) async throws(HTTPClientError) {
        try await wait(
            { (connection: WebSocketConnection) throws(HTTPClientError) -> Void in
                try connection.close(code, reason: reason)
            },
            until: { (connection: WebSocketConnection, _: Void) -> Result<Void, HTTPClientError>? in
                connection.phase == .gone ? .success(()) : nil
            })
    }

    func closing() async -> (code: CloseCode, reason: String)? {
        await withCheckedContinuation { continuation in
            core.loop.execute {
                continuation.resume(returning: self.connection?.ending.map { ($0.code, $0.reason) })
            }
        }
    }

    /// Nobody has it any more. Any thread.
    func abandon() { core.loop.execute { self.connection?.abort() } }

    private func wait<T: Sendable>(
        until check: @escaping @Sendable (WebSocketConnection) -> Result<T, HTTPClientError>?
    ) async throws(HTTPClientError) -> T {
        try await wait(
            { (_: WebSocketConnection) throws(HTTPClientError) -> Void in },
            until: { (connection: WebSocketConnection, _: Void) -> Result<T, HTTPClientError>? in check(connection) })
    }

    /// Begins something on the loop, and waits for what comes of it.
    private func wait<Begun, T: Sendable>(
        _ begin: @escaping @Sendable (WebSocketConnection) throws(HTTPClientError) -> Begun,
        until check: @escaping @Sendable (WebSocketConnection, Begun) -> Result<T, HTTPClientError>?
    ) async throws(HTTPClientError) -> T {
        let wait = LinkWait(begin, check)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                core.loop.execute { self.enter(wait, continuation) }
            }
        } onCancel: {
            core.loop.execute { self.cancel(wait) }
        }
        return try result.get()
    }

    // MARK: On the loop

    private func enter<Begun, T: Sendable>(
        _ wait: LinkWait<Begun, T>, _ continuation: CheckedContinuation<Result<T, HTTPClientError>, Never>
    ) {
        wait.continuation = continuation
        if wait.isCancelled { return wait.fail(.cancelled, asked.url) }
        do throws(HTTPClientError) {
            try wait.enter(try connected())
        } catch {
            return wait.fail(error)
        }
        waits.append(wait)
        core.loop.addHold()
        step()
    }

    /// The connection, made when first asked for.
    private func connected() throws(HTTPClientError) -> WebSocketConnection {
        if let connection { return connection }
        guard let client = core.client else {
            throw HTTPClientError(.cancelled, "WebSocket \(asked.url): the client is closed")
        }
        let connection = try asked.connection(of: client)
        self.connection = connection
        connection.start()
        connection.observer = { [weak self] in self?.step() }
        return connection
    }

    /// Something happened.
    private func step() {
        // What one wait takes may be news for those before it.
        guard !isStepping, let connection else { return }
        isStepping = true
        waits.removeAll { wait in
            let isOver = wait.isOver(connection)
            if isOver { core.loop.removeHold() }
            return isOver
        }
        isStepping = false
    }

    private func cancel(_ wait: AnyLinkWait) {
        wait.isCancelled = true
        guard let index = waits.firstIndex(where: { $0 === wait }) else { return }
        waits.remove(at: index)
        core.loop.removeHold()
        wait.fail(.cancelled, asked.url)
        if let connection, !connection.wasOpened { connection.abort() }
    }
}
