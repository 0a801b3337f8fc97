import EventLoop

/// The time of one green: its deadline, and the grace of one that is to end. Each worker has at most one, kept from run
/// to run.
final class LimitTimer: LoopTimer {
    private unowned let worker: GreenWorker
    /// What has been asked of the green already; nil before its deadline.
    private(set) var reason: WakeReason?

    init(_ worker: GreenWorker) {
        self.worker = worker
        super.init()
    }

    /// How long the run may take; nil for no limit.
    private var most: Duration?

    /// A run begins that may take so long.
    func begin(deadline: Duration) {
        most = deadline
        reason = nil
        let loop = worker.scheduler.loop
        loop.updateNow()
        loop.schedule(self, at: loop.now + deadline)
    }

    /// A run begins with what the one that started it has left: until its deadline or, with a reason, until its grace is
    /// over.
    func begin(until end: MonotonicTime, reason: WakeReason?) {
        self.reason = reason
        worker.scheduler.loop.schedule(self, at: end)
    }

    /// The green has been asked to end: it is stopped when its grace is over.
    func beginGrace(_ reason: WakeReason) {
        guard self.reason == nil else { return }
        self.reason = reason
        let scheduler = worker.scheduler
        scheduler.loop.updateNow()
        scheduler.loop.schedule(self, at: scheduler.loop.now + scheduler.limits.grace(deadline: most))
    }

    func end() {
        reason = nil
        most = nil
        if isScheduled { worker.scheduler.loop.cancel(self) }
    }

    override func fire() {
        let scheduler = worker.scheduler
        if let reason { return scheduler.stop(worker, reason) }
        scheduler.interrupt(worker, .deadline)
        scheduler.askToEnd(worker, .deadline)
    }

    /// Where the green cannot give way, the loop cannot look at its timers.
    func fireIfDue() {
        let loop = worker.scheduler.loop
        loop.updateNow()
        guard isScheduled, deadline <= loop.now else { return }
        loop.cancel(self)
        fire()
    }
}
