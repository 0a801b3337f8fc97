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

    /// A run begins that may take so long.
    func begin(deadline: Duration) {
        reason = nil
        let loop = worker.scheduler.loop
        loop.updateNow()
        loop.schedule(self, at: loop.now + deadline)
    }

    /// The green has been asked to end: it is stopped when its grace is over.
    func beginGrace(_ reason: WakeReason) {
        guard self.reason == nil else { return }
        self.reason = reason
        let scheduler = worker.scheduler
        scheduler.loop.updateNow()
        scheduler.loop.schedule(self, at: scheduler.loop.now + scheduler.limits.grace)
    }

    func end() {
        reason = nil
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
        guard isScheduled, deadline <= MonotonicTime.now() else { return }
        worker.scheduler.loop.cancel(self)
        fire()
    }
}
