import EventLoop
import Green
import HTTPWire

/// A connection's one timer. Deadlines move with every request, the timer itself only when it must: when it fires
/// too early it is set again.
final class ConnectionTimer: LoopTimer {
    /// Safety: the connection owns its timer, and cancels it when it closes; an open one is held by its table.
    unowned(unsafe) var connection: HTTPConnection?
    private var due = MonotonicTime.distantFuture
    /// When it fires next; kept here, since each look at another room's `deadline` costs a check at run time.
    private var firing = MonotonicTime.distantFuture

    init() { super.init(keepsLoopAlive: false) }

    func set(_ due: MonotonicTime, on server: HTTPServer) {
        self.due = due
        if due < firing { schedule(on: server) }
    }

    private func schedule(on server: HTTPServer) {
        firing = due
        server.loop.schedule(self, at: due)
    }

    /// Nothing is expected of the client now.
    func rest() { due = .distantFuture }

    override func fire() {
        firing = .distantFuture
        guard let connection else { return }
        if connection.server.loop.now < due {
            if due != .distantFuture { schedule(on: connection.server) }
            return
        }
        connection.timeIsUp()
    }
}

extension HTTPConnection {
    /// The client must do something within a time, in nanoseconds.
    func expect(within nanoseconds: Int64) {
        let now = server.uncountedLoop._withUnsafeGuaranteedRef { $0.now }
        timer.set(now.advanced(byNanoseconds: nanoseconds), on: server)
    }

    func timeIsUp() {
        switch phase {
        case .closed: return
        case .head:
            // Half a head is a request that was begun (RFC 9110 §15.5.9); none at all is an idle connection.
            guard let input, !input.buffer.isEmpty else { return close() }
            isHead = false
            refuse(RequestError(408, "the request took too long to arrive"))
        case .draining, .lingering: close()
        case .handling:
            if let body, body.hasWaiters {
                body.fail(RequestError(408, "the request's body took too long to arrive"))
            } else if pending != nil {
                abort()
            }
        }
    }
}
