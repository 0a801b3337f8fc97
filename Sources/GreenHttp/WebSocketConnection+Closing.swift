import HTTPWire
import WebSocketWire

/// The closing handshake (RFC 6455 §7), and ends without one.
extension WebSocketConnection {
    /// Longest that the server may take to end a connection that is closed.
    private static let longestLeave: Int64 = 1_000_000_000

    /// Begins the closing handshake; nothing to do once that has begun.
    /// - Throws: `.invalid` for a code that may not be sent, or a reason of more than 123 bytes.
    func close(_ code: CloseCode, reason: String) throws(HTTPClientError) {
        guard phase == .open else { return }
        do throws(WebSocketError) {
            try writer.close(code, reason: reason, into: &waiting)
        } catch {
            throw HTTPClientError(.invalid, "\(subject): \(error.message)")
        }
        phase = .closing
        deadline = client.now + request.options.closeTimeout.wholeNanoseconds
        armTimer()
        flush()
        // Reading may have been held back.
        pumpLater()
        observer?()
    }

    /// The server's close frame came.
    func peerCloses(_ code: CloseCode?, _ reason: String) {
        // Its answer has the same code (RFC 6455 §5.5.1); cannot fail, as the decoder takes only what may be sent.
        if phase == .open { try? writer.close(code, into: &waiting) }
        leave(Ending(code: code ?? .noStatus, reason: reason))
    }

    /// The server broke a rule: it is told so (RFC 6455 §7.1.7).
    func fail(_ error: WebSocketError) {
        let isTooLong = error.closeCode == .messageTooBig
        let failure = HTTPClientError(isTooLong ? .tooLarge : .protocolError, "\(subject): \(error.message)")
        let code = error.closeCode ?? .protocolError
        // The texts are ASCII: a character is a byte. A close frame has room for 123.
        if phase == .open { try? writer.close(code, reason: String(error.message.prefix(120)), into: &waiting) }
        leave(Ending(code: code, reason: error.message, failure: failure))
    }

    /// All is said: the server ends the connection, or we do.
    private func leave(_ ending: Ending) {
        phase = .leaving
        deadline = client.now + min(Self.longestLeave, request.options.closeTimeout.wholeNanoseconds)
        armTimer()
        conclude(ending)
        if !isPumping { flush() }
    }

    /// The connection ended.
    func peerEnded(_ problem: String?) {
        isPumping = false
        if phase == .handshaking {
            let text = problem ?? "the server closed the connection before it answered the handshake"
            return failOpening(HTTPClientError(.connection, "\(subject): \(text)"))
        }
        end(Ending(code: .abnormal, reason: problem ?? sendProblem ?? "the connection was lost"))
    }

    /// The time is over for what the phase is about.
    func timeIsOver() {
        switch phase {
        case .connecting, .handshaking:
            let isTotal = settings.timeout.map { $0 < settings.connectTimeout ?? .max } ?? false
            let limit = (isTotal ? settings.timeout : settings.connectTimeout) ?? 0
            failOpening(
                HTTPClientError(
                    .timeout,
                    "\(subject): not open within \(HTTPClientError.seconds(limit)) "
                        + (isTotal ? "(timeout)" : "(connect_timeout)")))
        case .closing: end(Ending(code: .abnormal, reason: "no answer to the close frame (close_timeout)"))
        case .leaving: end(Ending(code: .abnormal))
        case .open: keepAliveIsDue()
        case .gone: break
        }
    }

    private func keepAliveIsDue() {
        guard let interval = request.options.pingInterval else { return }
        nextKeepAlive = client.now + interval.wholeNanoseconds
        if let ping = keepAlive {
            // Anything that was heard is a sign of life; and who does not listen cannot hear one.
            let isAlive = lastHeard > ping.sentAt || unsent > 0 && lastSent > ping.sentAt || !isReading
            if !isAlive {
                let seconds = Double(interval.wholeNanoseconds) / 1e9
                return end(Ending(code: .abnormal, reason: "no pong within \(seconds) s (ping_interval)"))
            }
            forget(ping)
        }
        keepAlive = try? ping(nil)
        armTimer()
    }
}
