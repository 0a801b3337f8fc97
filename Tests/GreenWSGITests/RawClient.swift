import EventLoop
import Glibc
import GreenNet
import Testing

/// A client that sends and receives bytes as they stand, while it keeps the server's loop turning.
final class RawClient {
    private let server: TestServer
    private(set) var descriptor: Int32
    /// What has come and was not taken as a response yet.
    private(set) var received: [UInt8] = []
    /// The server has closed its side.
    private(set) var isAtEnd = false
    /// The connection was reset.
    private(set) var wasReset = false

    enum Failure: Error { case cannotConnect(Int32) }

    /// Connects to the server, or to another address on its loop.
    init(_ server: TestServer, address: SocketAddress? = nil, receiveBuffer: Int32? = nil) throws {
        self.server = server
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        // On the loopback the kernel answers at once, whoever accepts later.
        let status = (address ?? server.address).withSockaddr { connect(descriptor, $0, $1) }
        guard status == 0 else {
            disconnect()
            throw Failure.cannotConnect(errno)
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { disconnect() }

    func disconnect() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    /// Closes with a reset instead of an orderly end.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        disconnect()
    }

    /// Says that nothing more will be sent.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends all; how much was taken before the server refused more.
    @discardableResult
    func send(_ text: String) -> Int { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
        var sent = 0
        let start = MonotonicTime.now()
        while sent < bytes.count, MonotonicTime.now() < start + .seconds(5) {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { sent += count } else if errno != EAGAIN { break }
            server.turn()
        }
        return sent
    }

    /// Sends until the server has not taken anything for a while; how much it took.
    func sendWhatFits(_ bytes: [UInt8]) -> Int {
        var sent = 0
        var refusals = 0
        while sent < bytes.count, refusals < 50 {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { sent += count } else { refusals += 1 }
            server.turn()
        }
        return sent
    }

    /// Takes what is there now.
    func receive() {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while descriptor >= 0, !isAtEnd {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count > 0 {
                received += chunk[..<count]
                continue
            }
            if count < 0, errno == EAGAIN { return }
            isAtEnd = true
            wasReset = count < 0
        }
    }

    /// Receives until something holds, or the end.
    func receive(
        _ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation, until isSo: (RawClient) -> Bool
    ) {
        server.run(comment ?? "got only: \(text(received))", at: location) {
            receive()
            return isSo(self) || isAtEnd
        }
    }

    /// Everything up to the end of the connection.
    func rest(at location: SourceLocation = #_sourceLocation) -> String {
        server.run("the connection was not closed", at: location) {
            receive()
            return isAtEnd
        }
        defer { received = [] }
        return text(received)
    }

    /// The next response; of the request `method`.
    func response(to method: String = "GET", at location: SourceLocation = #_sourceLocation) throws -> RawResponse {
        var response: RawResponse?
        server.run("no whole response came", at: location) {
            receive()
            response = RawResponse(received, to: method, isAtEnd: isAtEnd)
            return response != nil || isAtEnd
        }
        let whole = try #require(response, "got only: \(text(received))", sourceLocation: location)
        received.removeFirst(whole.byteCount)
        return whole
    }

    /// Whether the server has closed the connection by now.
    func isClosed() -> Bool {
        server.settle()
        receive()
        return isAtEnd
    }
}
