import CCurl
import EventLoop

/// An HTTP client: its connections, cookies and defaults. Requests are `Exchange`s.
///
/// Loop thread only.
final class HTTPClient {
    let loop: EventLoop
    let multi: CurlMulti
    let queue: ConnectionQueue
    let settings: ClientSettings
    let urls = ParsedURLs()
    let cookies = CookieJar()
    /// What relative URLs are relative to.
    let base: BaseURL?
    /// The settings with the base URL's user, where that counts.
    private lazy var settingsOfBase: ClientSettings = {
        let own = ClientSettings(settings)
        own.authentication = base?.authentication
        return own
    }()
    /// Fields of every request.
    let headers: [HeaderList.Field]
    /// How many requests are under way; how many of them have not got a connection yet.
    private(set) var inFlight = 0
    var waiting = 0
    private(set) var completed = 0
    private var spare: [EasyHandle] = []
    /// `headers` as libcurl takes them, for requests that add nothing.
    private(set) lazy var headerList = HeaderList.make(headers.map(HeaderList.line))
    private let census: ClientCensus

    /// Handles kept for later requests.
    private static let mostSpare = 64

    init(
        _ loop: EventLoop, _ settings: ClientSettings, limits: ConnectionLimits, base: BaseURL?,
        headers: [HeaderList.Field], census: ClientCensus
    ) {
        self.loop = loop
        multi = CurlMulti(loop, limits: limits)
        queue = ConnectionQueue(limits: limits)
        self.settings = settings
        self.base = base
        self.headers = headers
        self.census = census
        census.clients += 1
        multi.client = self
    }

    deinit {
        if !multi.isClosed { census.clients -= 1 }
        // Connections first, which know the multi; then handles, which know the cookies.
        multi.close()
        spare = []
        if let list = headerList { ccurl_slist_free_all(list) }
    }

    /// Nanoseconds of the loop's clock.
    var now: Int64 { loop.now.nanoseconds }

    /// The settings for a URL, where neither it nor its request says otherwise: what authenticates the client counts more
    /// than the base URL's user.
    func settings(for url: String) -> ClientSettings {
        guard let base, base.authentication != nil, settings.authentication == nil,
            base.authentication(for: url) != nil
        else { return settings }
        return settingsOfBase
    }

    /// No new requests; the connections close once those under way have ended.
    private(set) var isClosed = false

    func close() {
        isClosed = true
        closeConnections()
    }

    // MARK: WebSockets

    /// Those that have not ended: each keeps its client.
    private var sockets: [ObjectIdentifier: WebSocketConnection] = [:]

    func socketBegan(_ socket: WebSocketConnection) { sockets[ObjectIdentifier(socket)] = socket }

    func socketEnded(_ socket: WebSocketConnection) {
        sockets[ObjectIdentifier(socket)] = nil
        closeConnections()
    }

    /// Gives all of them up.
    func dropSockets() { for socket in Array(sockets.values) { socket.abort() } }

    private func closeConnections() {
        guard isClosed, inFlight == 0, sockets.isEmpty, !multi.isClosed else { return }
        census.clients -= 1
        spare = []
        multi.close()
    }

    func takeHandle() -> EasyHandle { spare.popLast() ?? EasyHandle(self) }

    /// For the next who needs one, without what was sent and received with it.
    func giveBack(_ handle: EasyHandle) {
        handle.takeBack()
        if spare.count < Self.mostSpare { spare.append(handle) }
    }

    func began() {
        inFlight += 1
        census.inFlight += 1
    }

    func ended() {
        inFlight -= 1
        completed += 1
        census.inFlight -= 1
        census.completed += 1
        closeConnections()
    }
}
