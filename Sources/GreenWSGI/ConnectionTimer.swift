import EventLoop
import Green
import HTTPWire

/// A connection's one timer. Deadlines move with every request, the timer itself only when it must: when it fires
/// too early it is set again.
final class ConnectionTimer: LoopTimer {
    private unowned let connection: HTTPConnection
    private var due = MonotonicTime.distantFuture

    init(_ connection: HTTPConnection) {
        self.connection = connection
        super.init(keepsLoopAlive: false)
    }

    func set(_ due: MonotonicTime) {
        self.due = due
        if !isScheduled || deadline > due { connection.server.loop.schedule(self, at: due) }
    }

    /// Nothing is expected of the client now.
    func rest() { due = .distantFuture }

    override func fire() {
        if connection.server.loop.now < due {
            if due != .distantFuture { connection.server.loop.schedule(self, at: due) }
            return
        }
        connection.timeIsUp()
    }
}

extension HTTPConnection {
    /// The client must do something within a time.
    func expect(within time: Duration) {
        timer?.set(server.loop.now + time)
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
