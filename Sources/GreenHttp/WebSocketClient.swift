import EventLoop
import WebSocketWire

/// A WebSocket for Swift code: `for try await message in socket { … }`.
///
/// Any task may send and receive, any number of them at once; a message goes to one receiver. Pings of the server are
/// answered by themselves. When nobody receives the server is held back. Cancelling a task ends its wait and leaves the
/// WebSocket usable; one that is let go of closes its connection.
public final class WebSocketClient: AsyncSequence, Sendable {
    /// Its URL, without user and password.
    public let url: String
    /// What the server chose of the subprotocols asked for.
    public let subprotocol: String?
    /// Of the response that opened it.
    public let headers: HTTPHeaders
    private let link: WebSocketLink

    init(_ link: WebSocketLink, _ opened: WebSocketLink.Opened) {
        self.link = link
        url = opened.url
        subprotocol = opened.subprotocol
        headers = HTTPHeaders(opened.fields)
    }

    deinit { link.abandon() }

    /// Sends a text. Waits while the server is slow. Any thread.
    /// - Throws: `.connection` when the WebSocket is no longer open, `.cancelled`.
    public func send(_ text: String) async throws(HTTPClientError) { try await link.send(.text, Array(text.utf8)) }

    /// Sends bytes. Waits while the server is slow. Any thread.
    /// - Throws: `.connection` when the WebSocket is no longer open, `.cancelled`.
    public func send(_ bytes: [UInt8]) async throws(HTTPClientError) { try await link.send(.binary, bytes) }

    /// The next message; nil once the WebSocket was closed by a closing handshake. Any thread.
    /// - Throws: `.connection` when the connection was lost, `.protocolError` and `.tooLarge` for what the server must not
    ///   send, `.cancelled`.
    public func receive() async throws(HTTPClientError) -> WebSocketMessage? { try await link.receive() }

    /// Asks the server for a sign of life: how long that took. Any thread.
    /// - Throws: `.connection` when the WebSocket is no longer open, `.cancelled`.
    @discardableResult
    public func ping() async throws(HTTPClientError) -> Duration { try await link.ping() }

    /// Closes it, and waits until that is done, for `closeTimeout` at most; nothing to do when it is closed. Any thread.
    /// - Parameters:
    ///   - code: why; one that may be sent.
    ///   - reason: for people; at most 123 bytes of UTF-8.
    /// - Throws: `.invalid` for another code or a longer reason, `.cancelled`.
    public func close(_ code: CloseCode = .normal, reason: String = "") async throws(HTTPClientError) {
        try await link.close(code, reason)
    }

    /// Why it was closed: the server's code and reason; 1005 when it gave none, 1006 when the connection was lost. nil
    /// while it is open. Any thread.
    public var closing: (code: CloseCode, reason: String)? { get async { await link.closing() } }

    /// Receives the messages.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let socket: WebSocketClient

        /// The next message; nil once it is closed.
        /// - Throws: as ``WebSocketClient/receive()`` does.
        public mutating func next() async throws -> WebSocketMessage? { try await socket.receive() }
    }

    /// Receives the messages.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(socket: self) }
}

extension GreenHttp {
    /// Opens a WebSocket on a connection of its own. Redirects are not followed. Cancelling the task gives it up.
    /// - Parameters:
    ///   - url: ws or wss; or relative to the base URL.
    ///   - subprotocols: to choose from, most wanted first.
    ///   - headers: in place of, and beside, the client's; a nil value takes one out.
    ///   - options: how it behaves once it is open.
    ///   - connection: how the connection is made, in place of the client's options; `connectTimeout` and `timeout` bound
    ///     the handshake.
    /// - Throws: `.handshake`, with the status, when the server does not open it; what requests throw when there is no
    ///   connection.
    public func webSocket(
        _ url: String, subprotocols: [String] = [], headers: [(name: String, value: String?)] = [],
        options: WebSocketOptions = WebSocketOptions(), connection: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> WebSocketClient {
        let link = WebSocketLink(core, WebSocketLink.Asked(url, subprotocols, headers, options, connection))
        return WebSocketClient(link, try await link.open())
    }
}
