import CCurl
import EventLoop

/// One socket of libcurl's on the loop.
///
/// libcurl takes its interest back at the end of each transfer, and asks again at the next on the same connection. The
/// registration stays in between, so that a kept connection costs no epoll_ctl(2) per request: only when something
/// happens on an idle one, as when its server closes it, is it dropped.
final class SocketWatch: IOHandler {
    let socket: curl_socket_t
    private unowned let multi: CurlMulti
    /// libcurl opened it for a connection, and not for what tells it that a name is resolved.
    var isConnection = false
    /// A request was sent on it.
    var isConnected = false
    /// libcurl tells when it closes it. The others it closes behind our back, be it that nobody is to be connected with any
    /// more; but first, or at once after, it takes back its interest. Their numbers soon are others'.
    var isKept: Bool { isConnection && isConnected }
    /// What libcurl wants to be told; empty between transfers.
    var wanted: IOEvents = []
    /// When something last happened on it, in nanoseconds of the loop's clock.
    private(set) var lastReady: Int64 = 0
    /// Waits to be applied.
    var isChanged = false
    /// The socket is closed.
    var isGone = false

    init(_ multi: CurlMulti, _ socket: curl_socket_t) {
        self.multi = multi
        self.socket = socket
        super.init()
    }

    /// Makes the loop's registration what is wanted.
    func apply(on loop: EventLoop) {
        isChanged = false
        if isGone || wanted.isEmpty { return }
        // Failing means that the kernel has no memory for it; libcurl's own time limits end such a transfer.
        if registration == nil {
            try? loop.register(self, descriptor: socket, for: wanted, keepsLoopAlive: false)
        } else {
            try? loop.modify(self, for: wanted)
        }
    }

    override func ready(_ events: IOEvents) {
        lastReady = multi.now
        if wanted.isEmpty {
            // Level-triggered: it would be reported in every turn.
            multi.rest(self)
        } else {
            multi.ready(self, events)
        }
    }
}
