/// A task that waits for something of a WebSocket.
// Safety: touched on the loop's thread only; tasks pass the reference on.
class AnyLinkWait: @unchecked Sendable {
    var isCancelled = false

    /// Whether it was answered.
    func isOver(_ connection: WebSocketConnection) -> Bool { fatalError("bug: for subclasses") }

    func fail(_ error: HTTPClientError) { fatalError("bug: for subclasses") }

    final func fail(_ kind: HTTPClientError.Kind, _ url: String) {
        fail(HTTPClientError(kind, "WebSocket \(url): \(kind.rawValue)"))
    }
}

/// One that begins something, and is answered once a check says what came of it.
// Safety: as above.
final class LinkWait<Begun, Value: Sendable>: AnyLinkWait, @unchecked Sendable {
    private let begin: @Sendable (WebSocketConnection) throws(HTTPClientError) -> Begun
    private let check: @Sendable (WebSocketConnection, Begun) -> Result<Value, HTTPClientError>?
    private var begun: Begun?
    var continuation: CheckedContinuation<Result<Value, HTTPClientError>, Never>?

    init(
        _ begin: @escaping @Sendable (WebSocketConnection) throws(HTTPClientError) -> Begun,
        _ check: @escaping @Sendable (WebSocketConnection, Begun) -> Result<Value, HTTPClientError>?
    ) {
        self.begin = begin
        self.check = check
    }

    func enter(_ connection: WebSocketConnection) throws(HTTPClientError) { begun = try begin(connection) }

    override func isOver(_ connection: WebSocketConnection) -> Bool {
        guard let begun, let result = check(connection, begun) else { return false }
        answer(result)
        return true
    }

    override func fail(_ error: HTTPClientError) { answer(.failure(error)) }

    private func answer(_ result: Result<Value, HTTPClientError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }
}
