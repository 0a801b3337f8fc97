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

    /// Which request of the server this is: objects of earlier requests, of whatever connection, no longer reach it.
    var serial: UInt64 = 0
    /// Behind which request the head began that the clock runs for.
    var timedSerial = UInt64.max
    var input: ConnectionInput?
    var body: RequestBody?
    let job: RequestJob
    /// The same, used without being counted.
    /// Safety: `job` holds it.
    let uncountedJob: Unmanaged<RequestJob>
    /// Of the request that is served.
    var isHead = false
    var isHTTP10 = false
    var keepAlive = true
    /// The head of the response is written.
    var hasResponded = false
    /// Its body comes in chunks.
    var isChunked = false
    /// Or it has this many bytes more, as the handler said with a Content-Length.
    var bytesPromised: Int?
    var isProcessing = false
    /// Its Accept field, if any: understood only when an error page is written, for that takes longer than most
    /// requests.
    private var accept = ByteBuffer(retainedCapacity: 256)
    /// How its error page would be written.
    var pageForm: ErrorPage.Form { accept.isEmpty ? .text : ErrorPage.form(accept.readableBytes) }
    /// Its method and path, for what the log says of its handler.
    private var requestLine = ByteBuffer(retainedCapacity: 128)
    var requestName: String { String(decoding: requestLine.readableBytes, as: UTF8.self) }
    /// The client has gone while its request was served.
    var clientIsGone = false
    /// The client will send no more, but may still take what it is sent.
    var inputHasEnded = false
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
        uncountedJob = .passUnretained(job)
        super.init()
        timer.connection = self
    }

    /// Keeps what the client says about the form of pages.
    @inline(__always)
    func noteAccept(_ fields: UnsafeBufferPointer<HeaderField>, _ bytes: UnsafeRawBufferPointer) {
        if !accept.isEmpty { accept.removeAll() }
        guard let value = ErrorPage.accept(fields, bytes), !value.elementsEqual("*/*".utf8) else { return }
        accept.append(value)
    }

    /// Keeps what the request is called: "GET /users".
    @inline(__always)
    func noteName(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) {
        requestLine.removeAll()
        requestLine.append(head.methodName.slice(of: bytes))
        requestLine.append(UInt8(ascii: " "))
        requestLine.append(head.path.slice(of: bytes))
    }

    /// Whether there is no socket: see `MemoryExchange`.
    var isInMemory: Bool { descriptor < 0 }

    /// The client's address as handlers and logs see it.
    var remoteHost: String { isInMemory ? "memory" : peer.host }

    func begin() {
        expect(within: server.clientTimeout)
    }

    // MARK: Events

    override func ready(_ events: IOEvents) {
        if events.contains(.writable) { sendPending() }
        if !events.isDisjoint(with: [.readable, .hangup, .error]) {
            receive(isBroken: !events.isDisjoint(with: [.hangup, .error]))
        }
    }

    /// Reads once: the loop reports again as long as there is more.
    private func receive(isBroken: Bool) {
        switch phase {
        case .closed: return
        case .lingering, .draining: dropInput()
        case .handling: receiveAhead(isBroken: isBroken)
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
        if phase == .handling, job.isRunning {
            // Whether the client would still read cannot be known; nearly all that end their side have gone.
            clientGone()
        } else if count == 0, pending != nil {
            // It has all it asked for but the last of the answers.
            inputHasEnded = true
            if phase == .draining {
                keepAlive = false
                phase = .handling
            }
            listenAgain()
        } else {
            close()
        }
        return false
    }

    /// What was sent ahead while a handler runs: more of its body, or the next request. Bounded, like all that waits.
    private func receiveAhead(isBroken: Bool) {
        let input = input ?? ConnectionInput(limits: server.options.limits)
        self.input = input
        guard input.buffer.count < Self.mostAhead else {
            // A broken connection is reported in every turn, whatever is asked for.
            return isBroken ? clientGone() : setInterest(pending == nil ? [] : .writable)
        }
        guard receiveIntoInput() else { return }
        if let body, body.hasWaiters {
            if pending == nil { timer.rest() } else { expect(within: server.clientTimeout) }
            body.wakeAll()
        }
    }

    private static let mostAhead = 65_536

    func receiveIntoInput() -> Bool {
        guard let input else { return false }
        let space = input.buffer.writableSpace(minimum: body == nil ? 4_096 : 16_384)
        let count = recv(descriptor, space.baseAddress, space.count, 0)
        guard hasReceived(count) else { return false }
        input.buffer.commit(count)
        return true
    }

    // MARK: Interest

    func listenAgain() {
        var events: IOEvents = inputHasEnded ? [] : .readable
        if pending != nil { events.insert(.writable) }
        setInterest(events)
    }

    func setInterest(_ events: IOEvents) {
        guard registration != nil else { return }
        // epoll_ctl fails only for descriptors that are not there, and this one is open.
        try? server.loop.modify(self, for: events)
    }

    func close() {
        if phase == .closed { return }
        phase = .closed
        serial = 0
        server.loop.deregister(self)
        server.loop.cancel(timer)
        if !isInMemory { Glibc.close(descriptor) }
        input = nil
        pending?.wakeAll()
        pending = nil
        body?.fail(RequestError(400, "the client is gone"))
        body = nil
        logged = nil
        // A handler that goes on has nobody to answer; what it was called is still to be said.
        if job.isRunning { job.name = requestName }
        job.connection = nil
        if slot >= 0 { server.connectionClosed(slot) }
    }
}
