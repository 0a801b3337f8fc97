import CCurl
import EventLoop
import Green

/// One request from the call to the end of its response: attempts, redirects and time limits included.
///
/// Whoever waits for it is woken at what it `wants`. Loop thread only.
final class Exchange: WaitList {
    /// What to wake waiters for.
    struct Wants: OptionSet {
        let rawValue: UInt8
        /// The response's head is there.
        static let head = Wants(rawValue: 1)
        /// Bytes of the body are there.
        static let data = Wants(rawValue: 2)
        /// The request's body can take more.
        static let upload = Wants(rawValue: 4)
    }

    /// What a response leads to.
    enum Fate {
        case undecided
        /// It is the one that was asked for.
        case final
        case redirect(to: String)
        case retry
        /// The same once more, without `Expect`.
        case unexpected
        /// The next that comes on the same transfer counts: libcurl answers a challenge.
        case challenge
    }

    let client: HTTPClient
    let request: ClientRequest
    var settings: ClientSettings
    private(set) var response: ClientResponse
    var failure: HTTPClientError?
    var isDone = false
    /// Told where waiters are woken, for those who are no greens.
    var observer: (() -> Void)?
    /// The end wakes in any case.
    var wants: Wants = []
    /// The attempt under way; nil between attempts and at the end.
    var handle: EasyHandle?
    /// How many requests were sent, or tried to be.
    private(set) var attempts = 0
    var redirects = 0
    /// The responses that redirected, so far.
    var earlier: [ClientResponse] = []
    /// How many attempts at the same URL were repeated.
    var repetition = 0
    /// When the next attempt begins, while it is waited for.
    var resumeAt: Int64?
    /// The server has been asked: from now on what happens may have had an effect.
    var hasBegun = false
    /// Why a callback stopped the transfer.
    var refusal: HTTPClientError?
    /// Which host it has, or waits for, a connection to; nil between attempts.
    var origin: ConnectionQueue.Origin?
    /// Its place among those who wait; nil when it does not.
    var place: Int?
    /// The attempt has not been sent yet.
    private var isWaiting = false
    private var isHeld = false
    /// What is to come of this response, once its head is whole.
    var fate = Fate.undecided
    /// Bytes of the body that were received, unpacked.
    var received = 0
    /// How often the server has challenged this attempt.
    var challenges = 0
    /// The last response was there when libcurl was about to answer its challenge.
    var endsUnanswered = false
    /// libcurl holds back what it has received, until there is room.
    var isPaused = false
    let timer: ExchangeTimer
    /// Bytes of the request's body that had been sent when silence was last looked into.
    var sentAtLastLook = 0
    /// When something last happened on the connection, in nanoseconds of the loop's clock.
    var lastActivity: Int64

    init(_ client: HTTPClient, _ request: ClientRequest, _ settings: ClientSettings) {
        self.client = client
        self.request = request
        self.settings = settings
        response = ClientResponse(method: request.method, url: RequestURL.withoutPassword(request.url))
        response.isUnpacked = settings.decompresses
        lastActivity = client.now
        timer = ExchangeTimer(start: lastActivity)
        super.init()
    }

    override var waitDescription: String { "the response of \(response.method) \(response.url)" }

    /// Makes the request. It may have failed when this returns.
    func start() {
        client.began()
        hold()
        begin()
        if !isDone { timer.arm(for: self) }
    }

    /// Keeps the loop running: while somebody waits for what may come the program is not a deadlock.
    func hold() {
        if isHeld || isDone { return }
        isHeld = true
        client.loop.addHold()
    }

    /// A body that nobody waits for keeps no program running.
    func letGo() {
        guard isHeld else { return }
        isHeld = false
        client.loop.removeHold()
    }

    /// Begins an attempt, or the next request of a chain of redirects.
    func begin() {
        if attempts > 0 { renew() }
        attempts += 1
        isWaiting = true
        client.waiting += 1
        client.queue.enter(self)
    }

    private func renew() {
        hasBegun = false
        received = 0
        sentAtLastLook = 0
        isPaused = false
        challenges = 0
        fate = .undecided
        refusal = nil
        lastActivity = client.now
        let next = ClientResponse(method: request.method, url: RequestURL.withoutPassword(request.url))
        next.history = earlier
        next.isUnpacked = settings.decompresses
        response = next
    }

    /// There is room for a connection.
    func launch() {
        let handle = client.takeHandle()
        let settings = settings
        let request = request
        let url = request.url
        handle.configure(settings)
        settings.proxy.choose(for: url, on: handle)
        handle.setURL(url, client.urls.parsed(url))
        handle.shareConnection(url, settings.version)
        setHeaders(of: handle)
        if let cookies = request.cookies { handle.setCookies(cookies) }
        handle.setMethod(request.method, request.upload)
        handle.exchange = self
        self.handle = handle
        client.multi.add(handle)
    }

    /// It no longer waits for a connection.
    func stopWaiting() {
        guard isWaiting else { return }
        isWaiting = false
        client.waiting -= 1
    }

    private func setHeaders(of handle: EasyHandle) {
        let request = request
        if request.headers == nil, request.upload.isNone, request.method == "GET" {
            if let list = client.headerList { handle.setHeaders(list, isShared: true) }
            return
        }
        var lines: [String] = []
        // libcurl would by itself wait a second for the go-ahead of large bodies.
        if settings.expectsContinue, !request.upload.isNone {
            lines.append("Expect: 100-continue")
        } else if request.upload.count.map({ $0 > 1_000_000 }) ?? true {
            lines.append("Expect:")
        }
        let fields = request.headers ?? client.headers
        // libcurl would call any body, and that of a POST without one, a form.
        let hasBytes =
            if case .bytes = request.upload { true } else { request.upload.isNone && request.method != "GET" }
        if hasBytes, !fields.contains(where: { HeaderList.isSame($0.name, "content-type") }) {
            lines.append("Content-Type:")
        }
        if lines.isEmpty, request.headers == nil {
            if let list = client.headerList { handle.setHeaders(list, isShared: true) }
        } else {
            handle.setHeaders(HeaderList.make(fields.map(HeaderList.line) + lines), isShared: false)
        }
    }

    /// The head of the response that was asked for is there.
    var hasFinalHead: Bool {
        if case .final = fate { return response.headIsWhole }
        return false
    }
}
