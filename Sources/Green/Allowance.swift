import EventLoop
import LuaRuntime

/// What a limited green has left, for the greens that it starts: a script that spawns its successor ends with it.
struct Allowance {
    /// Nanoseconds of processor time; 0 for no limit.
    private let processorTime: Int64
    /// Instructions, where they are counted.
    private let steps: Int64
    /// When its deadline comes or, where it is asked to end, its grace is over.
    private let end: MonotonicTime?
    /// Why it is asked to end.
    private let reason: WakeReason?
    private let isAskedToEnd: Bool
    /// What that had been given, for messages.
    private let granted: CallLimits
    private let spentLimit: RunLimit?
    private let quota: GreenQuota?

    /// nil for a green without limits.
    init?(of worker: GreenWorker) {
        guard worker.isLimited else { return nil }
        let meter = worker.meter
        processorTime = meter.limit == 0 ? 0 : max(1, meter.limit - meter.used)
        steps = meter.steps
        end = worker.limitTimer.flatMap { $0.isScheduled ? $0.deadline : nil }
        reason = worker.limitTimer?.reason
        isAskedToEnd = worker.isAskedToEnd
        granted = worker.granted
        spentLimit = worker.spentLimit
        quota = worker.quota
    }

    /// For a green that is about to begin.
    func give(to worker: GreenWorker) {
        worker.isLimited = true
        worker.isAskedToEnd = isAskedToEnd
        worker.granted = granted
        worker.spentLimit = spentLimit
        worker.quota = quota
        quota?.begin()
        worker.meter.limit = processorTime
        worker.meter.steps = steps
        if let end { worker.limits().begin(until: end, reason: reason) }
    }
}
