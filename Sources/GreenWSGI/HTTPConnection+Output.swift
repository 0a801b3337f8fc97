import EventLoop
import Glibc
import Green
import HTTPWire

/// What could not be sent at once; the handlers that stream wait here for room.
final class PendingOutput: WaitList {
    var buffer = ByteBuffer()

    override var waitDescription: String { "a client to take what it was sent" }
}

/// Sending: from the server's buffer in one call; what the socket does not take is kept and sent when it can.
extension HTTPConnection {
    /// Sends what was written to the server's buffer.
    func flush() {
        guard !server.output.isEmpty else { return }
        if phase == .closed {
            server.output.removeAll()
            return
        }
        if let pending {
            pending.buffer.append(server.output.readableBytes)
            server.output.removeAll()
            return
        }
        let bytes = server.output.readableBytes
        let sent = transmit(bytes)
        if sent == bytes.count {
            server.output.removeAll()
            return
        }
        guard sent >= 0 else {
            server.output.removeAll()
            return clientGone()
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
        wait(toSend: rest)
        server.output.removeAll()
    }

    /// Sends a head from the server's buffer with a large body behind it, without copying what can be sent at once.
    func flush(with body: UnsafeRawBufferPointer) {
        guard pending == nil, body.count > Self.copyLimit, phase != .closed else {
            server.output.append(body)
            return
        }
        let head = server.output.readableBytes
        var parts = (
            iovec(iov_base: UnsafeMutableRawPointer(mutating: head.baseAddress), iov_len: head.count),
            iovec(iov_base: UnsafeMutableRawPointer(mutating: body.baseAddress), iov_len: body.count)
        )
        let sent = withUnsafeMutablePointer(to: &parts) { parts in
            parts.withMemoryRebound(to: iovec.self, capacity: 2) { parts in
                var message = msghdr()
                message.msg_iov = parts
                message.msg_iovlen = 2
                return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
            }
        }
        let taken = sent >= 0 ? sent : 0
        if sent < 0, errno != EAGAIN, errno != EINTR {
            server.output.removeAll()
            return clientGone()
        }
        if taken < head.count {
            wait(toSend: UnsafeRawBufferPointer(rebasing: head[taken...]))
            pending?.buffer.append(body)
        } else if taken < head.count + body.count {
            wait(toSend: UnsafeRawBufferPointer(rebasing: body[(taken - head.count)...]))
        }
        server.output.removeAll()
    }

    /// Bodies up to this size are copied behind their head: cheaper than a second part.
    private static var copyLimit: Int { 16_384 }

    /// How much the socket took; -1 when the client is gone.
    private func transmit(_ bytes: UnsafeRawBufferPointer) -> Int {
        let sent = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if sent >= 0 { return sent }
        return errno == EAGAIN || errno == EINTR ? 0 : -1
    }

    private func wait(toSend rest: UnsafeRawBufferPointer) {
        guard registration != nil else { return close() }
        let pending = PendingOutput()
        pending.buffer.append(rest)
        self.pending = pending
        listenAgain()
        expect(within: server.clientTimeout)
    }

    /// The socket has room again.
    func sendPending() {
        guard let pending else { return listenAgain() }
        let sent = transmit(pending.buffer.readableBytes)
        guard sent >= 0 else { return clientGone() }
        pending.buffer.consume(sent)
        if sent > 0 { expect(within: server.clientTimeout) }
        if pending.buffer.count < server.options.writeHighWater / 2 { pending.wakeAll() }
        guard pending.buffer.isEmpty else { return }
        self.pending = nil
        // Of the client may still be expected what it has to send.
        if phase == .draining || body?.hasWaiters == true {
            expect(within: server.clientTimeout)
        } else {
            timer.rest()
        }
        listenAgain()
        if phase == .handling, !job.isRunning { allIsSent() }
    }

    /// The response is written and sent.
    private func allIsSent() {
        if keepAlive, !server.stopping {
            phase = .head
            if let input, !input.buffer.isEmpty { processInput() } else { settle() }
        } else {
            finishSending()
        }
    }
}
