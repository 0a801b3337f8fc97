import EventLoop
import Glibc
import Green
import HTTPWire
import LuaRuntime

/// How exchanges and connections end: the next request, a body nobody read, the last response, a client that went.
extension HTTPConnection {
    /// Answers a request that is no request, and closes.
    func refuse(_ error: RequestError) {
        keepAlive = false
        let message = UnsafeRawBufferPointer(start: error.message.utf8Start, count: error.message.utf8CodeUnitCount)
        server.appendSimple(error.status, "text/plain; charset=utf-8", message, keepAlive: false, head: isHead)
        recordExchange(status: error.status, bodyBytes: message.count)
        hasResponded = true
        phase = .handling
        responseIsWritten()
    }

    /// The response is written, if not sent: what comes after it?
    func responseIsWritten() {
        server.answered += 1
        logged = nil
        if !isProcessing || server.output.count > server.options.writeHighWater { flush() }
        if phase == .closed { return }
        if !keepAlive || clientIsGone || server.stopping { return finishSending() }
        if let body, !body.isFinished {
            // What is left of the body stands before the next request.
            if body.awaitsContinue || body.error != nil || (body.remaining ?? 0) > Self.mostDropped {
                return finishSending()
            }
            phase = .draining
            droppedBytes = 0
            // Greens that read it and outlived the handler learn that it is over.
            body.wakeAll()
            dropBufferedBody()
            guard phase == .draining else { return }
            if inputHasEnded { return finishSending() }
            return expect(within: server.clientTimeout)
        }
        nextRequest()
    }

    /// Bytes of a body nobody read that are still taken, to keep the connection.
    static let mostDropped = 262_144
    /// Bytes that are taken from a client that should have stopped sending, so that it sees its answer.
    private static let mostLingered = 16_777_216

    private func nextRequest() {
        endBody()
        if pending != nil {
            phase = .handling  // not before the client has taken what it was sent
            return
        }
        phase = .head
        // Within `process` the loop there goes on; otherwise requests may have been sent ahead.
        if !isProcessing {
            listenAgain()
            if let input, !input.buffer.isEmpty { processInput() } else { settle() }
        }
    }

    private func endBody() {
        guard let body else { return }
        self.body = nil
        body.wakeAll()
    }

    private func dropBufferedBody() {
        guard let body else { return nextRequest() }
        if let input { _ = body.read(.max, from: &input.buffer) { droppedBytes += $0.count } }
        if body.error != nil || droppedBytes > Self.mostDropped { return finishSending() }
        if body.isFinished { nextRequest() }
    }

    func dropInput() {
        if phase == .draining {
            if input == nil { input = ConnectionInput(limits: server.options.limits) }
            if receiveIntoInput() { dropBufferedBody() }
            return
        }
        let count = recv(descriptor, server.scratch.baseAddress, server.scratch.count, 0)
        if count > 0 { droppedBytes += count }
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) || droppedBytes > Self.mostLingered {
            close()
        }
    }

    /// Closes once everything is sent, and without losing it to a reset.
    func finishSending() {
        keepAlive = false
        flush()
        if phase == .closed { return }
        if pending != nil {
            phase = .handling
            return
        }
        if phase == .lingering || phase == .closed { return }
        shutdown(descriptor, Int32(SHUT_WR))
        if clientIsGone || inputHasEnded { return close() }
        phase = .lingering
        input = nil
        endBody()
        droppedBytes = 0
        listenAgain()
        expect(within: Self.lingerTime)
    }

    private static let lingerTime: Int64 = 2_000_000_000

    /// The client is gone while its request is served: the handler is cancelled.
    func clientGone() {
        guard job.isRunning else { return close() }
        clientIsGone = true
        keepAlive = false
        // A descriptor that hung up would be reported in every turn.
        server.loop.deregister(self)
        // First of all, so that what it waits for raises `cancelled`.
        job.cancel()
        pending?.wakeAll()
        pending = nil
        body?.fail(RequestError(400, "the client is gone"))
    }

    /// The server stops: closes now if nothing runs.
    func stopWhenIdle() {
        keepAlive = false
        if pending == nil, phase == .head || phase == .draining { close() }
    }

    /// The server stops at once.
    func abort() {
        if phase == .handling, job.isRunning, !clientIsGone {
            server.scheduler.log("\(requestName) was cut off: the server stops, and its grace is over")
            recordExchange(status: hasResponded ? logged?.status ?? 200 : 503, bodyBytes: logged?.bodyBytes ?? 0)
        }
        job.cancel()
        close()
    }

    /// The body that was begun cannot be ended: the connection is closed so that the client can tell.
    func breakOff() {
        recordExchange(status: logged?.status ?? 200, bodyBytes: logged?.bodyBytes ?? 0)
        if !isChunked {
            // An orderly end of the connection would be the end of the body.
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        close()
    }
}
