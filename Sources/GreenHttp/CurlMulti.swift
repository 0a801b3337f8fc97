import CCurl
import EventLoop

/// libcurl's multi interface on an event loop: libcurl says which sockets and which time matter, the loop tells it when
/// they have come. No thread, no select (libcurl-multi(3), ccurl_multi_socket_action(3)).
///
/// libcurl calls back in the middle of its work, and must not be called again from there: what callbacks learn is noted,
/// and acted on once libcurl has returned. Loop thread only.
final class CurlMulti {
    private let loop: EventLoop
    private let pointer: UnsafeMutableRawPointer
    /// By descriptor.
    private var watches: [SocketWatch?] = []
    private var changed: [SocketWatch] = []
    private let timer = CurlTimer()
    /// Transfers that may go on, on a later turn.
    private var resuming: [EasyHandle] = []
    private let resumption = CurlResumption()
    /// Safety: the client closes its multi before it goes.
    unowned(unsafe) var client: HTTPClient?
    /// What libcurl last asked for, in milliseconds: -1 for nothing.
    private var wantedTime = -1
    private var timeHasChanged = false
    private var isActing = false
    private(set) var isClosed = false

    init(_ loop: EventLoop, limits: ConnectionLimits) {
        self.loop = loop
        guard let pointer = ccurl_multi_init() else { fatalError("out of memory") }
        self.pointer = pointer
        timer.multi = self
        resumption.multi = self
        // Safety: the callbacks run only inside calls of this object's methods; `close` ends them.
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_callbacks(pointer, Self.socketChanged, Self.timeChanged, context)
        ccurl_multi_set_long(pointer, CURLMOPT_MAX_HOST_CONNECTIONS, limits.perHost)
        ccurl_multi_set_long(pointer, CURLMOPT_MAX_TOTAL_CONNECTIONS, limits.total)
        ccurl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, limits.idle)
    }

    /// Closes all connections. The transfers must have been removed.
    func close() {
        if isClosed { return }
        isActing = true
        ccurl_multi_cleanup(pointer)
        isClosed = true
        client = nil
        resumption.multi = nil
        resuming = []
        loop.cancel(timer)
        for watch in watches { if let watch { loop.deregister(watch) } }
        watches = []
    }

    deinit { close() }

    /// Begins a transfer.
    func add(_ handle: EasyHandle) {
        ccurl_multi_add_handle(pointer, handle.pointer)
        if !isActing { settle() }
    }

    /// Takes a transfer out, ended or not: one that has not ended loses its connection.
    func remove(_ handle: EasyHandle) {
        let before = isActing
        isActing = true
        handle.isResuming = false
        ccurl_multi_remove_handle(pointer, handle.pointer)
        isActing = before
        if !isActing { settle() }
    }

    /// Lets a paused transfer go on, on a later turn: were it at once, whoever takes, or gives, as fast as the peer does
    /// would never park, and nobody else would have a turn.
    func resume(_ handle: EasyHandle) {
        guard !isClosed, !handle.isResuming else { return }
        handle.isResuming = true
        resuming.append(handle)
        loop.enqueue(resumption)
    }

    fileprivate func resumeNow() {
        if isClosed { return }
        let handles = resuming
        resuming.removeAll(keepingCapacity: true)
        isActing = true
        // Some may have ended meanwhile, or come back for another transfer.
        for handle in handles where handle.isResuming {
            handle.isResuming = false
            ccurl_easy_pause(handle.pointer, CURLPAUSE_CONT)
        }
        isActing = false
        settle()
    }

    // MARK: Acting

    fileprivate func act(on socket: curl_socket_t, _ events: Int32) {
        if isClosed { return }
        isActing = true
        var running: Int32 = 0
        ccurl_multi_socket_action(pointer, socket, events, &running)
        isActing = false
        settle()
    }

    /// Acts on all that libcurl has asked for, until it asks for nothing more at once.
    private func settle() {
        isActing = true
        var rounds = 0
        while true {
            finishTransfers()
            // The last transfer to end may have been what kept the client.
            if isClosed { return }
            if let client, client.queue.hasNews { client.queue.serve() }
            // A time of 0 says: call me as soon as you are out of here. Bounded, so that other work has its turn.
            guard timeHasChanged, wantedTime == 0, rounds < 16 else { break }
            rounds += 1
            timeHasChanged = false
            wantedTime = -1
            var running: Int32 = 0
            ccurl_multi_socket_action(pointer, CURL_SOCKET_TIMEOUT, 0, &running)
        }
        isActing = false
        applyWatches()
        guard timeHasChanged else { return }
        timeHasChanged = false
        if wantedTime < 0 {
            loop.cancel(timer)
        } else {
            loop.schedule(timer, at: loop.now.advanced(byNanoseconds: Int64(wantedTime) * 1_000_000))
        }
    }

    private func finishTransfers() {
        var result = CURLE_OK
        while !isClosed, let easy = ccurl_multi_next_done(pointer, &result) {
            guard let handle = EasyHandle.of(easy) else { continue }
            handle.exchange?.transferEnded(result)
            handle.transport?.connectEnded(result)
        }
    }

    private func applyWatches() {
        guard !changed.isEmpty else { return }
        for watch in changed { watch.apply(on: loop) }
        changed.removeAll(keepingCapacity: true)
    }

    // MARK: Callbacks

    private static let socketChanged: ccurl_socket_callback = { easy, socket, what, context, _ in
        let multi = Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
        let handle = easy.flatMap { EasyHandle.of($0) }
        if what != CURL_POLL_REMOVE { handle?.socket = Int(socket) }
        multi.want(what, on: socket, isConnected: handle?.exchange?.hasBegun ?? false)
        return 0
    }

    private static let timeChanged: ccurl_timer_callback = { _, milliseconds, context in
        let multi = Unmanaged<CurlMulti>.fromOpaque(context).takeUnretainedValue()
        multi.wantedTime = milliseconds
        multi.timeHasChanged = true
        return 0
    }

    private func want(_ what: Int32, on socket: curl_socket_t, isConnected: Bool) {
        let index = Int(socket)
        while watches.count <= index { watches.append(nil) }
        let watch: SocketWatch
        if let known = watches[index] {
            watch = known
        } else {
            guard what != CURL_POLL_REMOVE else { return }
            watch = SocketWatch(self, socket)
            watches[index] = watch
        }
        switch what {
        case CURL_POLL_IN: watch.wanted = .readable
        case CURL_POLL_OUT: watch.wanted = .writable
        case CURL_POLL_INOUT: watch.wanted = [.readable, .writable]
        default:
            watch.wanted = []
            if !watch.isKept { return forget(socket) }
        }
        if isConnected { watch.isConnected = true }
        guard !watch.isChanged else { return }
        watch.isChanged = true
        changed.append(watch)
    }

    /// libcurl has opened a socket for a connection.
    func opened(_ socket: curl_socket_t) {
        let index = Int(socket)
        while watches.count <= index { watches.append(nil) }
        let old = watches[index]
        forget(socket)
        let watch = SocketWatch(self, socket)
        watch.isConnection = true
        watches[index] = watch
        guard let old, !old.wanted.isEmpty else { return }
        // It never took back its interest in the old one, and may not say again that it has one.
        watch.wanted = old.wanted
        watch.isChanged = true
        changed.append(watch)
    }

    /// libcurl is about to close a socket: it may be another's when the number comes again.
    func forget(_ socket: curl_socket_t) {
        let index = Int(socket)
        guard index < watches.count, let watch = watches[index] else { return }
        watch.isGone = true
        loop.deregister(watch)
        watches[index] = nil
    }

    /// The sockets that it watches.
    var sockets: [curl_socket_t] { watches.compactMap { $0?.socket } }

    /// Nanoseconds of the loop's clock.
    var now: Int64 { loop.now.nanoseconds }

    /// When something last happened on the connection that a transfer has; nil without one.
    func lastReady(of handle: EasyHandle) -> Int64? {
        let socket = handle.socket
        return socket >= 0 && socket < watches.count ? watches[socket]?.lastReady : nil
    }

    /// For `SocketWatch`: something happened that libcurl does not want to know now.
    func rest(_ watch: SocketWatch) { loop.deregister(watch) }

    /// For `SocketWatch`: what the loop saw.
    func ready(_ watch: SocketWatch, _ events: IOEvents) {
        var bits: Int32 = 0
        if events.contains(.readable) { bits |= CURL_CSELECT_IN }
        if events.contains(.writable) { bits |= CURL_CSELECT_OUT }
        if !events.isDisjoint(with: [.error, .hangup]) { bits |= CURL_CSELECT_ERR }
        act(on: watch.socket, bits)
    }
}

/// The time that libcurl asked for.
private final class CurlTimer: LoopTimer {
    /// Safety: the multi owns its timer, and cancels it when it closes.
    unowned(unsafe) var multi: CurlMulti?

    init() { super.init(keepsLoopAlive: false) }

    override func fire() { multi?.act(on: CURL_SOCKET_TIMEOUT, 0) }
}

/// Lets the transfers go on that may.
private final class CurlResumption: LoopTask {
    /// Safety: the multi owns it, and takes itself out when it closes.
    unowned(unsafe) var multi: CurlMulti?

    override func run() { multi?.resumeNow() }
}
