import CCurl
import EventLoop

/// The bytes of a WebSocket: a connection that libcurl makes, by proxies and TLS where these are asked for, and leaves
/// to us once it stands (CURLOPT_CONNECT_ONLY(3)).
///
/// The handle stays in the multi until the end: taken out, it closes the connection. Loop thread only.
final class WebSocketTransport: IOHandler {
    /// What became of an attempt to send or receive.
    enum Moved {
        case bytes(Int)
        /// Not now: the loop will tell when.
        case later
        /// The peer sends no more.
        case end
        case failed(String)
    }

    private let client: HTTPClient
    private let handle: EasyHandle
    /// Who is told; nil once closed.
    private var connection: WebSocketConnection?
    private var socket: curl_socket_t = -1

    init(_ client: HTTPClient, for connection: WebSocketConnection) {
        self.client = client
        self.connection = connection
        handle = EasyHandle(client)
        super.init()
    }

    // MARK: Connecting

    /// Begins to connect. `connected` or `failOpening` of the connection may have been called when this returns.
    func connect(to url: String, _ settings: ClientSettings) {
        handle.configure(settings)
        handle.setURL(url, nil)
        handle.set(CURLOPT_CONNECT_ONLY, true)
        // libcurl would close it as soon as it stands.
        handle.set(CURLOPT_FORBID_REUSE, false)
        // An HTTP proxy passes bytes on only through a tunnel (RFC 6455 §4.1).
        handle.set(CURLOPT_HTTPPROXYTUNNEL, true)
        handle.transport = self
        client.multi.add(handle)
    }

    /// libcurl says that the connection stands, or that there will be none.
    func connectEnded(_ code: CURLcode) {
        handle.transport = nil
        guard let connection else { return }
        if code != CURLE_OK { return connection.failOpening(failure(code, connection.subject)) }
        socket = ccurl_get_socket(handle.pointer)
        guard socket >= 0 else {
            return connection.failOpening(
                HTTPClientError(.connection, "\(connection.subject): the connection is lost already"))
        }
        // libcurl has no more interest in it, and a descriptor has one handler.
        client.multi.forget(socket)
        connection.connected()
    }

    private func failure(_ code: CURLcode, _ subject: String) -> HTTPClientError {
        let text = handle.message(code) + TLSSettings.advice(for: code)
        if code == CURLE_RECV_ERROR, handle.long(CURLINFO_HTTP_CONNECTCODE) >= 300 {
            return HTTPClientError(.proxy, "\(subject): \(text)")
        }
        return HTTPClientError(code, text, subject, headIsWhole: true, isHeldBack: false, wasSent: false)
    }

    // MARK: Moving bytes

    /// Sends some of the bytes. After `.later` the next call must give the same ones from the same place: so wants
    /// OpenSSL (SSL_write(3)).
    func send(_ bytes: UnsafeRawBufferPointer) -> Moved {
        guard let start = bytes.baseAddress, socket >= 0 else { return .end }
        var sent = 0
        switch ccurl_easy_send(handle.pointer, start, bytes.count, &sent) {
        case CURLE_OK: return .bytes(sent)
        case CURLE_AGAIN: return .later
        case let code: return .failed(handle.message(code))
        }
    }

    /// Takes what has come. TLS keeps bytes back that the loop does not see: to be called until it says `.later`.
    func receive(into room: UnsafeMutableRawBufferPointer) -> Moved {
        guard let start = room.baseAddress, socket >= 0 else { return .end }
        var received = 0
        switch ccurl_easy_recv(handle.pointer, start, room.count, &received) {
        case CURLE_OK: return received > 0 ? .bytes(received) : .end
        case CURLE_AGAIN: return .later
        case let code: return .failed(handle.message(code))
        }
    }

    /// Says what to be told about.
    func watch(reading: Bool, writing: Bool) {
        guard socket >= 0 else { return }
        var wanted: IOEvents = []
        if reading { wanted.insert(.readable) }
        if writing { wanted.insert(.writable) }
        // Failing means that the kernel has no memory for it; the time limits end such a connection.
        if wanted.isEmpty {
            // A hang-up is reported whatever is asked for, in every turn.
            client.loop.deregister(self)
        } else if registration == nil {
            try? client.loop.register(self, descriptor: socket, for: wanted, keepsLoopAlive: false)
        } else {
            try? client.loop.modify(self, for: wanted)
        }
    }

    override func ready(_ events: IOEvents) {
        guard let connection else { return }
        if !events.isDisjoint(with: [.writable, .error, .hangup]) { connection.flush() }
        if !events.isDisjoint(with: [.readable, .error, .hangup]) { connection.pump() }
    }

    /// Closes the connection, as far as there is one.
    func close() {
        guard connection != nil else { return }
        connection = nil
        handle.transport = nil
        client.loop.deregister(self)
        socket = -1
        client.multi.remove(handle)
    }
}
