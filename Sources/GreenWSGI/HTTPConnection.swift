import EventLoop
import Glibc
import Green
import GreenNet
import HTTPWire
import LuaRuntime

/// One client's connection: reads heads, hands requests to the pool, writes responses, one request at a time.
///
/// Input and output go through the server's shared buffers; a connection has its own only while something waits in
/// them. Loop thread only.
final class HTTPConnection: IOHandler {
    /// What the connection does.
    enum Phase {
        /// Between requests, or in the middle of a head.
        case head
        /// A handler runs, or its response is being sent.
        case handling
        /// The response is sent; the rest of the request's body is read and dropped.
        case draining
        /// The last response is sent; what the client still sends is dropped, so that it is not lost to a reset
        /// (RFC 9112 §9.6).
        case lingering
        case closed
    }

    let server: HTTPServer
    let descriptor: Int32
    let peer: SocketAddress
    var slot = -1
    var phase = Phase.head

    /// Which request this is; request objects of earlier ones no longer reach the connection.
    var serial: UInt64 = 0
    var input: ConnectionInput?
    var body: RequestBody?
    let job: RequestJob
    /// Of the request that is served.
    var isHead = false
    var isHTTP10 = false
    var keepAlive = true
    /// The head of the response is written.
    var hasResponded = false
    /// Its body comes in chunks.
    var isChunked = false
    var isProcessing = false
    /// The client has closed its side.
    var clientIsGone = false
    var droppedBytes = 0

    /// What could not be sent at once.
    var pending: PendingOutput?
    let timer = ConnectionTimer()
    /// For the access log.
    var logged: LoggedRequest?

    init(_ server: HTTPServer, descriptor: Int32, peer: SocketAddress) {
        self.server = server
        self.descriptor = descriptor
        self.peer = peer
        job = RequestJob(server)
        super.init()
        timer.connection = self
    }

    func begin() {
        expect(within: server.clientTimeout)
    }

    // MARK: Events

    override func ready(_ events: IOEvents) {
        if events.contains(.writable) { sendPending() }
        if !events.isDisjoint(with: [.readable, .hangup, .error]) { receive() }
    }

    /// Reads once: the loop reports again as long as there is more.
    private func receive() {
        switch phase {
        case .closed: return
        case .lingering, .draining: dropInput()
        case .handling: receiveAhead()
        case .head:
            if input != nil {
                guard receiveIntoInput() else { return }
                processInput()
            } else {
                let count = recv(descriptor, server.scratch.baseAddress, server.scratch.count, 0)
                guard hasReceived(count) else { return }
                process(UnsafeRawBufferPointer(rebasing: server.scratch[..<count]))
            }
        }
    }

    /// Judges what recv(2) said; false when there is nothing to process.
    private func hasReceived(_ count: Int) -> Bool {
        if count > 0 { return true }
        if count < 0, errno == EAGAIN || errno == EINTR { return false }
        if phase == .handling {
            clientGone()
        } else {
            close()
        }
        return false
    }

    private func receiveIntoInput() -> Bool {
        guard let input else { return false }
        let space = input.buffer.writableSpace(minimum: 4_096)
        let count = recv(descriptor, space.baseAddress, space.count, 0)
        guard hasReceived(count) else { return false }
        input.buffer.commit(count)
        return true
    }

    // MARK: Heads

    /// Serves what is in the server's buffer; what is left over is kept.
    private func process(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        isProcessing = true
        while phase == .head, !rest.isEmpty {
            server.parser.reset()
            let progress = server.parser.parse(rest)
            if case .needsMore = progress { break }
            if case .failed(let error) = progress {
                refuse(error)
                break
            }
            let head = server.parser.head
            let whole = rest
            rest = UnsafeRawBufferPointer(rebasing: rest[head.byteCount...])
            if head.framing != .none {
                keep(rest)
                rest = UnsafeRawBufferPointer(rebasing: rest[rest.count...])
            }
            prepare(head, server.parser.fields, whole) {}
        }
        if !rest.isEmpty, phase == .head || phase == .handling { keep(rest) }
        isProcessing = false
        settle()
    }

    /// Serves what is in the connection's own buffer.
    func processInput() {
        guard !isProcessing else { return }
        isProcessing = true
        while phase == .head, let input, !input.buffer.isEmpty {
            let bytes = input.buffer.readableBytes
            let progress = input.parser.parse(bytes)
            if case .needsMore = progress { break }
            if case .failed(let error) = progress {
                refuse(error)
                break
            }
            let head = input.parser.head
            // The handler may run now and read its body from the buffer behind the head: so the head is copied into
            // the request object and leaves the buffer first.
            prepare(head, input.parser.fields, bytes) {
                input.buffer.consume(head.byteCount)
                input.parser.reset()
            }
        }
        isProcessing = false
        settle()
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) {
        if bytes.isEmpty { return }
        let input = input ?? ConnectionInput(limits: server.options.limits)
        self.input = input
        input.buffer.append(bytes)
    }

    /// After a round of processing: sends what was written, and sees what comes next.
    private func settle() {
        flush()
        if phase == .head, pending != nil { phase = .handling }
        if phase == .head {
            if let input {
                if input.buffer.isEmpty {
                    self.input = nil
                    expectNextRequest()
                } else {
                    expect(within: server.clientTimeout)
                }
            } else {
                expectNextRequest()
            }
        }
    }

    private func expectNextRequest() {
        if server.stopping, pending == nil { return close() }
        expect(within: server.idleTimeout)
    }

    /// Makes the request object, then lets the pool run the handler.
    private func prepare(
        _ head: RequestHead, _ fields: UnsafeBufferPointer<HeaderField>, _ bytes: UnsafeRawBufferPointer,
        headIsCopied: () -> Void
    ) {
        serial += 1
        phase = .handling
        isHead = head.method == .head
        isHTTP10 = head.minorVersion == 0
        keepAlive = head.keepAlive && !server.stopping
        hasResponded = false
        isChunked = false
        timer.rest()
        body = head.framing == .none ? nil : RequestBody(head, limits: server.options.limits)
        if server.accessLog != nil { logged = LoggedRequest(head, fields, bytes, start: server.loop.now) }
        if head.method == .connect {
            headIsCopied()
            return refuse(RequestError(501, "CONNECT is not implemented"))
        }
        let stack = server.scheduler.lua.main
        server.pushHandler()
        do throws(LuaFailure) {
            let payload = try stack.pushObject(of: RequestObject.definition, size: RequestRecord.size(head), userValues: 1)
            RequestRecord.write(
                RequestRecord(head: head, slot: slot, serial: serial, table: .passUnretained(server.table)),
                fields: fields, bytes: bytes, to: payload)
        } catch {
            stack.pop(2)
            headIsCopied()
            return refuse(RequestError(503, "out of memory"))
        }
        headIsCopied()
        job.connection = self
        do throws(GreenPool.Refusal) {
            try server.pool.submit(from: stack, arguments: 1, outcome: job, now: true)
        } catch {
            job.connection = nil
            if case .failure = error { stack.pop() }
            stack.pop(2)
            refuse(RequestError(503, "the server is busy: too many requests wait"))
        }
    }

    // MARK: Ends

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
            dropBufferedBody()
            if phase == .draining { expect(within: server.clientTimeout) }
            return
        }
        nextRequest()
    }

    /// Bytes of a body nobody read that are still taken, to keep the connection.
    private static let mostDropped = 262_144

    private func nextRequest() {
        body = nil
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

    private func dropBufferedBody() {
        guard let body else { return nextRequest() }
        if let input { _ = body.read(.max, from: &input.buffer) { droppedBytes += $0.count } }
        if body.error != nil || droppedBytes > Self.mostDropped { return finishSending() }
        if body.isFinished { nextRequest() }
    }

    private func dropInput() {
        if phase == .draining {
            if input == nil { input = ConnectionInput(limits: server.options.limits) }
            if receiveIntoInput() { dropBufferedBody() }
            return
        }
        let count = recv(descriptor, server.scratch.baseAddress, server.scratch.count, 0)
        if count > 0 { droppedBytes += count }
        if count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR) || droppedBytes > Self.mostDropped { close() }
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
        if clientIsGone { return close() }
        phase = .lingering
        input = nil
        body = nil
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
        pending?.wakeAll()
        pending = nil
        body?.fail(RequestError(400, "the client is gone"))
        job.cancel()
    }

    /// What was sent ahead while a handler runs: more of its body, or the next request. Bounded, like all that waits.
    private func receiveAhead() {
        let input = input ?? ConnectionInput(limits: server.options.limits)
        self.input = input
        guard input.buffer.count < Self.mostAhead else { return stopListening() }
        guard receiveIntoInput() else { return }
        if let body, body.hasWaiters {
            timer.rest()
            body.wakeFirst()
        }
    }

    private static let mostAhead = 65_536

    private func stopListening() { setInterest(pending == nil ? [] : .writable) }

    func listenAgain() { setInterest(pending == nil ? .readable : [.readable, .writable]) }

    func setInterest(_ events: IOEvents) {
        guard registration != nil else { return }
        // epoll_ctl fails only for descriptors that are not there, and this one is open.
        try? server.loop.modify(self, for: events)
    }

    /// The server stops: closes now if nothing runs.
    func stopWhenIdle() {
        keepAlive = false
        if phase == .head || phase == .draining { close() }
    }

    /// The server stops at once.
    func abort() {
        job.cancel()
        close()
    }

    func close() {
        if phase == .closed { return }
        phase = .closed
        serial += 1
        server.loop.deregister(self)
        server.loop.cancel(timer)
        Glibc.close(descriptor)
        input = nil
        pending?.wakeAll()
        pending = nil
        body?.fail(RequestError(400, "the client is gone"))
        body = nil
        logged = nil
        if slot >= 0 { server.connectionClosed(slot) }
    }
}
