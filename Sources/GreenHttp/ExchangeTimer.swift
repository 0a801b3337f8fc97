import CCurl
import EventLoop

/// The time limits of an exchange, in one timer: the whole of it, the silence on its connection, the wait before the
/// next attempt.
final class ExchangeTimer: LoopTimer {
    private let start: Int64
    /// While the timer is set.
    private var exchange: Exchange?

    init(start: Int64) {
        self.start = start
        super.init(keepsLoopAlive: false)
    }

    /// Sets it to what comes next.
    func arm(for exchange: Exchange) {
        var next = Int64.max
        let settings = exchange.settings
        if let timeout = settings.timeout { next = start.addingReportingOverflow(timeout).partialValue }
        if let resumeAt = exchange.resumeAt {
            next = min(next, resumeAt)
        } else if let readTimeout = settings.readTimeout, !exchange.isPaused {
            next = min(next, exchange.lastActivity + readTimeout)
        }
        guard next != .max else { return disarm(on: exchange.client.loop) }
        self.exchange = exchange
        exchange.client.loop.schedule(self, at: MonotonicTime(nanoseconds: next))
    }

    func disarm(on loop: EventLoop) {
        loop.cancel(self)
        exchange = nil
    }

    override func fire() {
        guard let exchange else { return }
        self.exchange = nil
        let now = exchange.client.now
        let settings = exchange.settings
        if let timeout = settings.timeout, now - start >= timeout {
            return exchange.timedOut("no response within \(Self.text(timeout)) (timeout)")
        }
        if let resumeAt = exchange.resumeAt {
            if now >= resumeAt {
                exchange.resumeAt = nil
                exchange.begin()
            }
        } else if let readTimeout = settings.readTimeout, !exchange.isPaused,
            now - exchange.lastActivity >= readTimeout
        {
            // While it waits for a connection libcurl's limit counts, while it waits for its own body the total.
            if !exchange.hasBegun || exchange.isSending() {
                exchange.lastActivity = now
            } else if let partly = exchange.lastPart, now - partly < readTimeout {
                exchange.lastActivity = partly
            } else {
                exchange.readTimedOut("nothing received for \(Self.text(readTimeout)) (read_timeout)")
            }
        }
        if !exchange.isDone { arm(for: exchange) }
    }

    private static func text(_ nanoseconds: Int64) -> String { HTTPClientError.seconds(nanoseconds) }
}

extension Exchange {
    /// Whether the silence is the server's, or it still gets, or waits for, the request's body.
    func isSending() -> Bool {
        if case .stream(let stream) = request.upload, stream.isPaused { return true }
        if request.upload.isNone { return false }
        guard let handle else { return false }
        let total = handle.offset(CURLINFO_SIZE_UPLOAD_T)
        defer { sentAtLastLook = total }
        return total > sentAtLastLook
    }

    /// When a part of a line of the head came, of which libcurl tells only once it is whole. Unknown where several
    /// transfers share the connection.
    var lastPart: Int64? {
        guard !response.headIsWhole, origin?.isMultiplexed != true, let handle else { return nil }
        return client.multi.lastReady(of: handle)
    }

    /// The whole time is over.
    func timedOut(_ message: String) { finish(HTTPClientError(.timeout, "\(subject): \(message)")) }

    /// The server is silent: another attempt may do better.
    func readTimedOut(_ message: String) {
        let failure = HTTPClientError(.timeout, "\(subject): \(message)")
        releaseHandle()
        if !retries(failure) { finish(failure) }
    }
}
