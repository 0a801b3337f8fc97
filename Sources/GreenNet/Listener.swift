import CSystem
import EventLoop
import Glibc

/// A listening socket on a loop: it accepts connections and hands them on.
///
/// Bound and listening from the start, but paused: `resume()` begins to accept. Accepted descriptors are non-blocking,
/// close-on-exec, without Nagle's delay, and belong to whoever is given them. When descriptors or memory run out it leaves the
/// socket alone for 100 ms, doubling to 1 s until a connection is accepted again, and reports it once.
///
/// Everything but `init` happens on the loop's thread.
public final class Listener: IOHandler {
    /// Called with each accepted descriptor, now the callee's, and its peer's address.
    public typealias Acceptor = (_ descriptor: Int32, _ peer: SocketAddress) -> Void
    /// `csystem_accept`, or what a test puts in its place.
    typealias AcceptCall = (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32

    /// The address it is bound to, with the port that was chosen for port 0.
    public let localAddress: SocketAddress
    /// Called once when accepting begins to fail, not again until it has worked in between.
    public var onTrouble: ((NetError) -> Void)?

    private enum State { case paused, accepting, backingOff, closed }

    private let loop: EventLoop
    private let options: ListenerOptions
    private let onAccept: Acceptor
    private let accept: AcceptCall
    private let file: ListeningSocket.SocketFile?
    private var descriptor: Int32
    private var state = State.paused
    private var backOff = BackOff()
    private let backOffTimer: BackOffTimer

    /// Binds and listens; throws an error that names the address, the reason and what to do.
    public convenience init(
        loop: EventLoop, address: BindAddress, options: ListenerOptions = ListenerOptions(),
        onAccept: @escaping Acceptor
    ) throws(NetError) {
        try self.init(
            loop: loop, address: address, options: options, accept: { csystem_accept($0, $1, $2) }, onAccept: onAccept)
    }

    init(
        loop: EventLoop, address: BindAddress, options: ListenerOptions, accept: @escaping AcceptCall,
        onAccept: @escaping Acceptor
    ) throws(NetError) {
        let opened = try ListeningSocket.open(address, options: options)
        self.loop = loop
        self.options = options
        self.onAccept = onAccept
        self.accept = accept
        descriptor = opened.descriptor
        file = opened.file
        localAddress = SocketAddress.local(of: opened.descriptor) ?? address.socketAddress
        backOffTimer = BackOffTimer(keepsLoopAlive: options.keepsLoopAlive)
        super.init()
    }

    deinit {
        // The loop retains what is registered or scheduled, so nothing but the socket is left.
        closeSocket()
    }

    /// Whether connections are being accepted, or will be as soon as a back-off is over.
    public var isAccepting: Bool { state == .accepting || state == .backingOff }

    /// Begins or goes on to accept; does nothing while it does so already or after `close()`.
    public func resume() {
        guard state == .paused else { return }
        listen()
    }

    /// Stops accepting; connections wait in the backlog. For a limit of connections.
    public func pause() {
        guard isAccepting else { return }
        stopListening()
        state = .paused
    }

    /// Closes the socket and removes a UNIX domain socket's file, unless it is somebody else's by now. For good.
    public func close() {
        guard state != .closed else { return }
        stopListening()
        state = .closed
        closeSocket()
    }

    /// Accepts what waits, up to the batch.
    public override func ready(_ events: IOEvents) {
        var left = max(options.batch, 1)
        // The callee may pause or close.
        while left > 0, state == .accepting {
            left -= 1
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let result = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(descriptor, $0, &length) }
            }
            switch -result {
            case ...0:
                backOff = BackOff()
                onAccept(result, SocketAddress(storage: storage, length: length))
            case EAGAIN:
                // Linux takes a descriptor before it looks for a connection: they have not run out.
                backOff = BackOff()
                return
            case EINTR, ECONNABORTED, EPERM, EPROTO, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, EHOSTDOWN,
                EHOSTUNREACH,
                ENONET, ETIMEDOUT:
                // The connection's own trouble, not ours (accept(2), "Error handling").
                continue
            case let code:
                fail(code)
            }
        }
    }

    private func listen() {
        do throws(EventLoopError) {
            try loop.register(self, descriptor: descriptor, for: .readable, keepsLoopAlive: options.keepsLoopAlive)
            state = .accepting
        } catch {
            fail(error.code)
        }
    }

    private func stopListening() {
        switch state {
        case .accepting: loop.deregister(self)
        case .backingOff:
            loop.cancel(backOffTimer)
            backOffTimer.listener = nil
        case .paused, .closed: break
        }
    }

    /// Leaves the socket alone for a while: it stays readable, so waiting on it would spin.
    private func fail(_ code: Int32) {
        stopListening()
        state = .backingOff
        let isFirst = backOff.isFresh
        backOffTimer.listener = self
        loop.schedule(backOffTimer, at: loop.now + backOff.next())
        if isFirst { onTrouble?(NetError.accepting(on: localAddress, code: code)) }
    }

    fileprivate func endBackOff() {
        guard state == .backingOff else { return }
        listen()
    }

    private func closeSocket() {
        guard descriptor >= 0 else { return }
        file?.remove()
        Glibc.close(descriptor)
        descriptor = -1
    }
}

/// How long to leave the socket alone: 100 ms, doubling to 1 s.
struct BackOff {
    private var delay = Duration.milliseconds(100)
    /// Whether no delay was taken yet.
    private(set) var isFresh = true

    /// The next delay.
    mutating func next() -> Duration {
        defer { delay = min(delay * 2, .seconds(1)) }
        isFresh = false
        return delay
    }
}

/// Ends a listener's back-off; while it is scheduled it keeps the listener alive, as a registration would.
private final class BackOffTimer: LoopTimer {
    var listener: Listener?

    override func fire() {
        let listener = listener
        self.listener = nil
        listener?.endBackOff()
    }
}
