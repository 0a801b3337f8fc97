import Synchronization

/// What other threads have asked a loop to do, in order of arrival.
///
/// The array is swapped out under the lock and run outside it. Writers wake the loop only when it is asleep, or not
/// running at all: at most one write per sleep, and none while it is at work.
///
/// The lock is pthread's: the thread sanitizer knows it, and does not know Synchronization's `Mutex` on Linux (Swift
/// 6.3), whose every use it reports.
final class JobInbox {
    /// One thing to do.
    enum Item: Sendable {
        case closure(@Sendable () -> Void)
        /// Of an actor.
        case job(UnownedJob)
        /// Of a task that prefers the loop.
        case taskJob(UnownedJob, UnownedTaskExecutor)
        case completion(OffloadedCall)
        /// `stop()` was called here: everything before it has arrived earlier and is run before the loop stops.
        case stop
    }

    private let monitor = Monitor()
    private var items: [Item] = []
    private var needsWake = true
    private var stopIsQueued = false
    /// What the loop looks at in every turn instead of taking the lock.
    private let hasItemsHint = Atomic(false)

    var hasItems: Bool { hasItemsHint.load(ordering: .acquiring) }

    /// Adds an item; true when the caller has to wake the loop.
    func append(_ item: Item) -> Bool {
        monitor.lock()
        defer { monitor.unlock() }
        items.append(item)
        hasItemsHint.store(true, ordering: .releasing)
        return takeWake()
    }

    /// Adds a stop unless one is waiting already; true when the caller has to wake the loop.
    func appendStop() -> Bool {
        monitor.lock()
        defer { monitor.unlock() }
        guard !stopIsQueued else { return false }
        stopIsQueued = true
        items.append(.stop)
        hasItemsHint.store(true, ordering: .releasing)
        return takeWake()
    }

    /// Exchanges the waiting items for an empty array, whose memory is used for the next ones.
    func swap(_ batch: inout [Item]) {
        monitor.lock()
        defer { monitor.unlock() }
        Swift.swap(&items, &batch)
        stopIsQueued = false
        hasItemsHint.store(false, ordering: .releasing)
    }

    /// The loop is about to sleep, or leaves its thread: from now on writers wake it. False, and nothing is changed,
    /// when items are waiting already.
    func arm() -> Bool {
        monitor.lock()
        defer { monitor.unlock() }
        needsWake = items.isEmpty
        return needsWake
    }

    /// The loop is at work: it will look here by itself before it sleeps.
    func disarm() {
        monitor.lock()
        defer { monitor.unlock() }
        needsWake = false
    }

    private func takeWake() -> Bool {
        let wake = needsWake
        needsWake = false
        return wake
    }
}

// Safety: the variables are touched under `monitor` only.
extension JobInbox: @unchecked Sendable {}
