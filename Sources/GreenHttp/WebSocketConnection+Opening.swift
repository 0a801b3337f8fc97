import Green
import HTTPWire
import WebSocketWire

/// The opening handshake (RFC 6455 §4.1). Redirects are not followed: few clients do, so no server relies on it.
extension WebSocketConnection {
    /// For `start`: from now on its time runs.
    func startOpening() {
        let start = client.now
        for limit in [settings.timeout, settings.connectTimeout] {
            guard let limit else { continue }
            let (end, isTooLate) = start.addingReportingOverflow(limit)
            if !isTooLate { deadline = min(deadline, end) }
        }
        armTimer()
    }

    /// For the transport: the connection stands.
    func connected() {
        phase = .handshaking
        handshake?.handshake.request.withUnsafeBytes { waiting.append($0) }
        flush()
        pump()
    }

    /// There will be no connection, or no WebSocket on it.
    func failOpening(_ failure: HTTPClientError) {
        openFailure = failure
        end(Ending(code: .abnormal, reason: failure.message))
    }

    /// Takes bytes of the server's answer.
    func readHead(_ bytes: UnsafeRawBufferPointer) {
        do throws(HTTPClientError) {
            guard let opening = try handshake?.read(bytes) else { return }
            subprotocol = opening.subprotocol
            fields = opening.fields
            opened()
            opening.rest.withUnsafeBytes { read($0) }
        } catch {
            failOpening(error)
        }
    }

    private func opened() {
        handshake = nil
        phase = .open
        wasOpened = true
        lastHeard = client.now
        if let interval = request.options.pingInterval { nextKeepAlive = client.now + interval.wholeNanoseconds }
        armTimer()
        openers.wakeAll()
        observer?()
    }
}
