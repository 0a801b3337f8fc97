import EventLoop
import Green
import HTTPWire
import WebSocketWire

/// A WebSocket from the call that opens it to the end of its connection (RFC 6455, the client's side).
///
/// Who waits for something of it waits in one of its lists, or is told by `observer`. Loop thread only.
final class WebSocketConnection {
    /// Where it stands.
    enum Phase {
        /// libcurl connects.
        case connecting
        /// The request is sent, the server's head awaited.
        case handshaking
        case open
        /// Our close frame is sent, the server's awaited (RFC 6455 §7.1.2).
        case closing
        /// All is said; the server ends the connection (RFC 6455 §7.1.1).
        case leaving
        case gone
    }

    /// How it ended.
    struct Ending {
        /// The server's close code; 1005 for none, 1006 when the connection was lost, and what we told the server when it
        /// broke a rule.
        var code: CloseCode
        var reason = ""
        /// The server broke a rule.
        var failure: HTTPClientError?
    }

    /// Those who wait for one thing.
    final class Waiters: WaitList {
        private let what: String
        /// What was handed to one who was stopped before its turn is there again.
        var tookBack: () -> Void = {}

        init(_ what: String) {
            self.what = what
            super.init()
        }

        override var waitDescription: String { what }

        override func takeBack() { tookBack() }
    }

    let client: HTTPClient
    let request: WebSocketRequest
    let settings: ClientSettings
    var url: String { request.target.url }
    /// What errors are about.
    var subject: String { "WebSocket \(url)" }
    var phase = Phase.connecting
    /// Once it is over, whatever is still to be received.
    var ending: Ending?
    /// Why it was never opened.
    var openFailure: HTTPClientError?
    var wasOpened = false
    /// What the server chose.
    var subprotocol: String?
    /// Of the head that opened it.
    var fields: [(name: [UInt8], value: [UInt8])] = []

    let openers: Waiters
    let receivers: Waiters
    let senders: Waiters
    let closers: Waiters
    /// Told where waiters are woken, for those who are no greens.
    var observer: (() -> Void)?

    // Bytes.
    private(set) var transport: WebSocketTransport?
    /// Until it is open.
    var handshake: HandshakeReader?
    var decoder: MessageDecoder
    var writer = FrameWriter(role: .client)
    /// Being sent: does not move before all of it is.
    var sending = ByteBuffer()
    /// To be sent behind that.
    var waiting = ByteBuffer()
    /// The connection takes nothing more: what is still to come is read all the same.
    var sendProblem: String?
    let pumping = WebSocketPump()
    /// What comes is read; false while the server is held back.
    var isReading = true
    var isPumping = false

    // Messages.
    var inbox = MessageInbox()
    /// How many of the messages belong to greens that have been woken for them.
    var promised = 0
    var pings: [PendingPing] = []
    var lastPing = 0

    // Time, in nanoseconds of the loop's clock.
    let timer = WebSocketTimer()
    /// When opening, or closing, has to be done.
    var deadline = Int64.max
    var nextKeepAlive = Int64.max
    var keepAlive: PendingPing?
    var lastHeard: Int64 = 0
    var lastSent: Int64 = 0

    private var holds = 0

    init(_ client: HTTPClient, _ request: WebSocketRequest, _ settings: ClientSettings) {
        self.client = client
        self.request = request
        self.settings = ClientSettings(settings)
        // A handshake is one of HTTP/1.1 (RFC 6455 §4.1).
        self.settings.version = .http11
        var limits = MessageLimits()
        limits.maxMessage = request.options.maxMessage
        decoder = MessageDecoder(role: .client, limits: limits)
        let url = request.target.url
        openers = Waiters("the WebSocket \(url) to open")
        receivers = Waiters("a message of the WebSocket \(url)")
        senders = Waiters("the WebSocket \(url) to take more")
        closers = Waiters("the WebSocket \(url) to close")
        receivers.tookBack = { [unowned self] in
            promised -= 1
            promiseMessage()
        }
    }

    /// Begins to open it. It may be open, or have failed, when this returns.
    func start() {
        client.socketBegan(self)
        startOpening()
        do throws(HTTPClientError) {
            handshake = HandshakeReader(
                try request.handshake(of: client, settings), subject: subject, headBytes: settings.sizes.header)
        } catch {
            return failOpening(error)
        }
        let transport = WebSocketTransport(client, for: self)
        self.transport = transport
        transport.connect(to: request.target.connectURL, settings)
    }

    /// Gives it up, in whatever phase, without a word to the server.
    func abort() {
        if phase == .gone { return }
        if !wasOpened, openFailure == nil { openFailure = HTTPClientError(.cancelled, "\(subject): cancelled") }
        end(Ending(code: .abnormal, reason: "given up"))
        dropHolds()
    }

    /// The connection is over: nothing happens any more.
    func end(_ ending: Ending) {
        if phase == .gone { return }
        conclude(ending)
        phase = .gone
        transport?.close()
        transport = nil
        client.loop.cancel(timer)
        timer.connection = nil
        pumping.connection = nil
        sending.removeAll()
        waiting.removeAll()
        openers.wakeAll()
        closers.wakeAll()
        client.socketEnded(self)
        observer?()
    }

    /// No more messages will come, and none can be sent: tells those who wait for that.
    func conclude(_ ending: Ending) {
        if self.ending != nil { return }
        self.ending = ending
        receivers.wakeAll()
        senders.wakeAll()
        for ping in pings { ping.wakeAll() }
        pings = []
        keepAlive = nil
        observer?()
    }

    // MARK: Pending work

    /// Somebody waits: while the server may answer the program is not a deadlock. An idle WebSocket keeps none going.
    func hold() {
        holds += 1
        client.loop.addHold()
    }

    func unhold() {
        guard holds > 0 else { return }
        holds -= 1
        client.loop.removeHold()
    }

    /// Greens of a host that has closed never come back to take theirs away.
    private func dropHolds() { while holds > 0 { unhold() } }
}

/// Reads on, on a later turn.
final class WebSocketPump: LoopTask {
    /// While it is enqueued.
    var connection: WebSocketConnection?

    override func run() {
        let connection = connection
        self.connection = nil
        connection?.flush()
        connection?.pump()
    }
}
