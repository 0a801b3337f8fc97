import EventLoop
import Green

/// Tells of requests that nothing could begin, as their clients are not told why: one a second in full, and within a
/// second how many others there were.
///
/// Loop thread only.
final class RefusalLog: LoopTimer {
    /// The loop may hold the timer for longer than the server lives.
    private weak var scheduler: Scheduler?
    private var throttle = LogThrottle(most: 1, others: "more requests were refused within a second, with 503")

    init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        super.init(keepsLoopAlive: false)
    }

    /// One was refused.
    func note(_ request: String, _ reason: String) {
        guard let scheduler else { return }
        let now = scheduler.loop.latestNow
        for line in throttle.lines(for: "\(request) was refused with 503: \(reason)", at: now) { scheduler.log(line) }
        if !isScheduled { scheduler.loop.schedule(self, at: now + .seconds(1)) }
    }

    /// What is left to tell is told; no more comes.
    func end() {
        if isScheduled { scheduler?.loop.cancel(self) }
        fire()
    }

    override func fire() {
        if let line = throttle.takeLeftOut() { scheduler?.log(line) }
    }
}
