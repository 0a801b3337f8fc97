import EventLoop
import Green
import HTTPWire
import WebSocketWire

/// From messages to bytes.
extension WebSocketConnection {
    /// Unsent bytes from which on senders wait.
    static let mostUnsent = 1 << 20

    var unsent: Int { sending.count + waiting.count }
    /// The server is slower than we are: who sends waits.
    var isFull: Bool { unsent >= Self.mostUnsent }

    /// Sends a message, now or behind those before it; never mixed with another's.
    /// - Throws: `.invalid` for text that is no UTF-8, `.connection` when it is no longer open.
    func send(_ kind: MessageKind, _ bytes: UnsafeRawBufferPointer) throws(HTTPClientError) {
        guard phase == .open, sendProblem == nil else { throw notOpen }
        do throws(WebSocketError) {
            try writer.message(kind, bytes, into: &waiting)
        } catch {
            throw HTTPClientError(.invalid, "\(subject): \(error.message)")
        }
        flush()
    }

    /// What is said to who wants to use a WebSocket that is no longer open.
    var notOpen: HTTPClientError {
        if let failure = ending?.failure { return failure }
        if phase == .open, let sendProblem { return HTTPClientError(.connection, "\(subject): \(sendProblem)") }
        guard let ending else { return HTTPClientError(.connection, "\(subject): it is being closed") }
        let reason = ending.reason.isEmpty ? "" : " (\(ending.reason))"
        return HTTPClientError(.connection, "\(subject): closed with \(ending.code.rawValue)\(reason)")
    }

    /// Sends what the connection takes.
    func flush() {
        guard let transport, phase != .connecting else { return }
        let wasFull = isFull
        var isBlocked = false
        while sendProblem == nil, !isBlocked {
            if sending.isEmpty {
                if waiting.isEmpty { break }
                swap(&sending, &waiting)
            }
            switch transport.send(sending.readableBytes) {
            case .bytes(let count):
                sending.consume(count)
                lastSent = client.now
            case .later: isBlocked = true
            case .end: sendingFailed("it is closed")
            case .failed(let problem): sendingFailed(problem)
            }
        }
        if wasFull, !isPumping, wantsBytes { pumpLater() }
        isReading = wantsBytes
        transport.watch(reading: isReading, writing: isBlocked)
        if unsent <= Self.mostUnsent / 2, senders.hasWaiters { senders.wakeAll() }
        if wasFull { observer?() }
    }

    private func sendingFailed(_ problem: String) {
        sendProblem = problem
        sending.removeAll()
        waiting.removeAll()
        // The server may have said why before it stopped to listen.
        pumpLater()
    }

    // MARK: Pings

    /// Asks the server for a pong with these bytes, 125 at most; without any, with some of our own.
    /// - Throws: `.invalid` for more bytes, `.connection` when it is no longer open.
    func ping(_ bytes: [UInt8]?) throws(HTTPClientError) -> PendingPing {
        guard phase == .open, sendProblem == nil else { throw notOpen }
        lastPing += 1
        let payload = bytes ?? Array("greenhouse \(lastPing)".utf8)
        client.loop.updateNow()
        let ping = PendingPing(payload, url, at: client.now)
        let result: Result<Void, WebSocketError> = payload.withUnsafeBytes { bytes in
            do throws(WebSocketError) { return .success(try writer.ping(bytes, into: &waiting)) } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = result {
            throw HTTPClientError(.invalid, "\(subject): \(error.message)")
        }
        pings.append(ping)
        flush()
        return ping
    }

    /// A pong answers its ping and, as the server may leave pings out, those before it (RFC 6455 §5.5.3).
    func ponged(_ bytes: UnsafeRawBufferPointer) {
        guard let index = pings.firstIndex(where: { $0.payload.elementsEqual(bytes) }) else { return }
        for ping in pings[...index] {
            ping.roundTrip = client.now - ping.sentAt
            ping.wakeAll()
            if ping === keepAlive { keepAlive = nil }
        }
        pings.removeSubrange(...index)
        observer?()
    }

    /// Nobody waits for its pong any more.
    func forget(_ ping: PendingPing) { pings.removeAll { $0 === ping } }
}
