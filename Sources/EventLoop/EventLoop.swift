import Glibc
import Synchronization

/// One thread, one epoll set, one heap of timers: everything that is given to a loop happens on its thread, in turns.
///
/// A turn looks at descriptors, then runs the jobs that arrived from other threads, then the timers that are due, then
/// the tasks that were enqueued before, and one of those in the background; when nothing is left to do the thread sleeps
/// in the kernel until something is.
///
/// The loop is also a Swift executor: an actor returns it from `unownedExecutor`; a task takes its ``taskExecutor`` as
/// `executorPreference`. An `UnownedSerialExecutor` does not retain: the actor must hold the loop itself.
///
/// Until it runs for the first time a loop belongs to the thread that made it, and afterwards to the one that ran it
/// last. Members documented as *loop thread* may also be used by another thread while the loop is not running, as
/// long as only one does. Debug builds trap when the loop is running on another thread.
public final class EventLoop: SerialExecutor {
    /// What the loop is called in messages and, shortened to 15 bytes, its thread. Default `loop`.
    public let name: String
    /// How time passes.
    public let clock: LoopClock

    let poller: Poller
    var registrations = RegistrationTable()
    /// Whether handlers are being told.
    var isDelivering = false
    // Safety: the table's references to handlers that were deregistered meanwhile; let go of by `deliver`.
    var departed: [Unmanaged<IOHandler>] = []
    var timers = TimerHeap()
    var tasks = TaskQueue()
    var background = TaskQueue()
    let inbox = JobInbox()
    /// The array that `inbox` gets in exchange for a full one.
    var spareItems: [JobInbox.Item] = []

    /// The thread whose context is the loop's: the one that runs it, ran it last, or made it; 0 when that has ended.
    let owner: Atomic<UInt>
    /// The thread that is running the loop; 0 while none is.
    let runner = Atomic<UInt>(0)
    let thread = LoopThread()

    var cachedNow: Int64
    var nowIsFresh = false
    /// The time of the last timer phase; nothing is scheduled before it, so what is due stays in order.
    var firingTime = Int64.min
    var isInTurn = false
    var stopIsRequested = false
    var holds = 0
    var offloadedCalls = 0
    var counts = LoopStatistics()
    let offloadPool: OffloadPool
    let report: @Sendable (String) -> Void

    /// Called on the loop thread when the loop finds nothing left that could wake it (``hasPendingWork`` is false):
    /// once before each time ``run()`` blocks like that, and before ``runUntilIdle()`` returns. It may add work.
    public var onIdle: (() -> Void)?

    /// Makes a loop that belongs to the calling thread and does not run yet.
    ///
    /// - Parameters:
    ///   - name: What to call it.
    ///   - clock: How time passes on it.
    /// - Throws: ``EventLoopError`` when the kernel grants no epoll set or eventfd (`EMFILE`, `ENFILE`, `ENOMEM`).
    public convenience init(name: String = "loop", clock: LoopClock = .monotonic) throws(EventLoopError) {
        try self.init(name: name, clock: clock, calls: LoopSystemCalls())
    }

    init(
        name: String = "loop",
        clock: LoopClock = .monotonic,
        calls: LoopSystemCalls,
        offloadPool: OffloadPool = .shared,
        report: @escaping @Sendable (String) -> Void = EventLoop.writeToStandardError
    ) throws(EventLoopError) {
        poller = try Poller(calls: calls)
        self.name = name
        self.clock = clock
        self.offloadPool = offloadPool
        self.report = report
        owner = Atomic(pthread_self())
        cachedNow = clock == .monotonic ? MonotonicTime.now().nanoseconds : 0
    }

    deinit {
        var left: [JobInbox.Item] = []
        inbox.swap(&left)
        let lost = left.count { if case .stop = $0 { false } else { true } }
        guard lost > 0 else { return }
        report(
            "event loop '\(name)' was released with \(lost) job(s) that never ran; whoever awaits them waits for ever: "
                + "run the loop once more after the last user of it has ended")
    }

    /// The epoll set, for polling the loop from somebody else's: when it is readable, or ``nextDeadline`` has come,
    /// call ``runOnce(blocking:)``.
    public var epollDescriptor: Int32 { poller.epoll }

    /// Whether the caller is on the loop's thread. Any thread; costs a comparison.
    @inline(__always)
    public var isOnLoop: Bool {
        let current = pthread_self()
        let runner = runner.load(ordering: .relaxed)
        return runner == current || (runner == 0 && owner.load(ordering: .relaxed) == current)
    }

    /// What the loop has done so far. Loop thread.
    public var stats: LoopStatistics {
        assertOnLoop()
        return counts
    }

    /// Whether something is left that could wake the loop: a registration or a timer that keeps it alive, a task, a
    /// job, an offloaded call in flight, or a hold. Loop thread.
    public var hasPendingWork: Bool {
        assertOnLoop()
        return timers.liveCount > 0 || hasPendingWorkBesideTimers
    }

    var hasPendingWorkBesideTimers: Bool {
        registrations.liveCount > 0 || !tasks.isEmpty || !background.isEmpty || holds > 0 || offloadedCalls > 0
            || inbox.hasItems
    }

    /// Says that something outside, a Swift task for instance, will call back: the loop has pending work until
    /// ``removeHold()``. Loop thread.
    public func addHold() {
        assertOnLoop()
        holds += 1
    }

    /// Takes back one ``addHold()``. Loop thread.
    public func removeHold() {
        assertOnLoop()
        precondition(holds > 0, "removeHold() of loop '\(name)' without addHold()")
        holds -= 1
    }

    /// Writes a line, unbuffered and in one piece.
    static let writeToStandardError: @Sendable (String) -> Void = { line in
        let bytes = Array((line + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    @inline(__always)
    func assertOnLoop(_ member: StaticString = #function) {
        assert(
            isOnLoop || runner.load(ordering: .relaxed) == 0,
            "\(member) of loop '\(name)' was used from another thread while the loop runs; use execute(_:) to get there"
        )
    }
}

// Safety: `name`, `clock`, `poller`, `inbox`, `owner`, `runner`, `thread`, `offloadPool` and `report` are constant or
// synchronized; all other state is touched on the loop's thread only, which `assertOnLoop` checks in debug builds.
extension EventLoop: @unchecked Sendable {}
