import EventLoop
import Glibc
import Green
import HTTPWire
import LuaRuntime

/// From bytes to handlers: heads are parsed, request objects made and given to the pool.
extension HTTPConnection {
    /// Serves what is in the server's buffer; what is left over is kept.
    func process(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        isProcessing = true
        while phase == .head, !rest.isEmpty {
            server.parser.reset()
            let progress = server.parser.parse(rest)
            if case .needsMore = progress { break }
            if case .failed(let error) = progress {
                refuseHead(error)
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
        // Behind a body that has come whole the next request may stand.
        if phase == .head, let input, !input.buffer.isEmpty { return processInput() }
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
                refuseHead(error)
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
    func settle() {
        flush()
        if phase == .head, pending != nil { phase = .handling }
        guard phase == .head else { return }
        if inputHasEnded { return finishSending() }
        if let input {
            if input.buffer.isEmpty {
                self.input = nil
                expectNextRequest()
            } else if timedSerial != serial {
                // Once for each head: what drips in does not prolong its time.
                timedSerial = serial
                expect(within: server.clientTimeout)
            }
        } else {
            expectNextRequest()
        }
    }

    private func expectNextRequest() {
        if server.stopping { return close() }
        expect(within: server.idleTimeout)
    }

    /// Answers what is no request, and closes.
    private func refuseHead(_ error: RequestError) {
        isHead = false
        refuse(error)
    }

    static let noConnect = RequestError(501, "CONNECT is not implemented")

    /// From here on the connection serves this request.
    @inline(__always)
    func begin(_ head: RequestHead, _ fields: UnsafeBufferPointer<HeaderField>, _ bytes: UnsafeRawBufferPointer) {
        server.lastSerial &+= 1
        serial = server.lastSerial
        phase = .handling
        isHead = head.method == .head
        isHTTP10 = head.minorVersion == 0
        keepAlive = head.keepAlive && !server.stopping
        hasResponded = false
        isChunked = false
        bytesPromised = nil
        noteAccept(fields, bytes)
        noteName(head, bytes)
        timer.rest()
        body = head.framing == .none ? nil : RequestBody(head, limits: server.options.limits)
        if server.accessLog != nil { logged = LoggedRequest(head, fields, bytes, start: server.loop.now) }
    }

    /// Pushes the object of the request that has begun.
    @inline(__always)
    func pushRequest(
        _ head: RequestHead, _ fields: UnsafeBufferPointer<HeaderField>, _ bytes: UnsafeRawBufferPointer,
        on stack: LuaStack
    ) throws(LuaFailure) {
        let payload = try stack.pushObject(of: server.requestClass, size: RequestRecord.size(head), userValues: 1)
        RequestRecord.write(
            RequestRecord(head: head, slot: slot, serial: serial, table: .passUnretained(server.table)),
            fields: fields, bytes: bytes, to: payload)
    }

    /// Makes the request object, then lets the pool run the handler.
    private func prepare(
        _ head: RequestHead, _ fields: UnsafeBufferPointer<HeaderField>, _ bytes: UnsafeRawBufferPointer,
        headIsCopied: () -> Void
    ) {
        begin(head, fields, bytes)
        if head.method == .connect {
            headIsCopied()
            return refuse(Self.noConnect)
        }
        let stack = server.scheduler.lua.main
        server.pushHandler()
        do throws(LuaFailure) {
            try pushRequest(head, fields, bytes, on: stack)
        } catch {
            stack.pop(2)
            headIsCopied()
            // Where nothing can begin nobody else does it.
            server.scheduler.reclaimMemory()
            return refuseToBegin("not enough memory")
        }
        headIsCopied()
        job.connection = self
        guard let refusal = uncountedJob._withUnsafeGuaranteedRef({ submit($0, from: stack) }) else { return }
        job.connection = nil
        let reason: String
        switch refusal {
        case .closed:
            stack.pop(2)
            return refuse(RequestError(503, "the server takes no more requests"))
        case .full(let limit): reason = "all workers are busy, and \(limit) requests wait (--max-workers, --queue)"
        case .failure(let failure):
            reason = LuaError(valueOnTopOf: stack).message
            stack.pop()
            if failure.isMemory { server.scheduler.reclaimMemory() }
        }
        stack.pop(2)
        refuseToBegin(reason)
    }

    private func refuseToBegin(_ reason: String) {
        server.refusals.note(requestName, reason)
        refuse(RequestError(503, "the server is busy"))
    }

    /// Gives the handler and the request on top of a stack to the pool; why it was not taken, nil when it was.
    @inline(__always)
    private func submit(_ job: RequestJob, from stack: LuaStack) -> GreenPool.Refusal? {
        do throws(GreenPool.Refusal) {
            try server.pool.submit(from: stack, arguments: 1, outcome: job, now: true)
            return nil
        } catch {
            return error
        }
    }
}
