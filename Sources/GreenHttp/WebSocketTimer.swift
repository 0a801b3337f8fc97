import EventLoop

/// The time limits of a WebSocket in one timer: of opening it, of closing it, and the next ping in between.
final class WebSocketTimer: LoopTimer {
    /// While the timer is set.
    var connection: WebSocketConnection?

    init() { super.init(keepsLoopAlive: false) }

    override func fire() {
        let connection = connection
        self.connection = nil
        connection?.timeIsOver()
    }
}

extension WebSocketConnection {
    /// Sets the timer to what comes next.
    func armTimer() {
        let next = phase == .open ? nextKeepAlive : deadline
        if next == .max || phase == .gone {
            client.loop.cancel(timer)
            timer.connection = nil
        } else {
            timer.connection = self
            client.loop.schedule(timer, at: MonotonicTime(nanoseconds: next))
        }
    }
}
