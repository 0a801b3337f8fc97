import Glibc
import Synchronization

extension EventLoop {
    /// Runs the loop on the calling thread until ``stop()``. Must not be called while the loop runs.
    public func run() {
        occupy()
        runOccupied()
    }

    /// The rest of `run()`, once the loop belongs to the calling thread.
    func runOccupied() {
        defer { leave() }
        while !stopIsRequested {
            if onIdle != nil { reportIdle() }
            turn(mayBlock: true)
        }
    }

    /// Runs the loop on the calling thread until nothing is left that could wake it (``hasPendingWork``), or
    /// ``stop()``. With the manual clock, timers that are not due cannot wake it.
    public func runUntilIdle() {
        occupy()
        defer { leave() }
        while !stopIsRequested {
            if !canBeWoken {
                reportIdle()
                guard canBeWoken else { return }
            }
            turn(mayBlock: true)
        }
    }

    /// Runs one turn on the calling thread, for tests and for living inside somebody else's loop.
    ///
    /// - Parameter blocking: Whether to sleep when there is nothing to do, until there is.
    public func runOnce(blocking: Bool) {
        occupy()
        defer { leave() }
        turn(mayBlock: blocking)
    }

    /// Makes ``run()`` return at the end of the turn that finds this, after every job that was added before. Any
    /// thread.
    ///
    /// Calling it again before that turn changes nothing. On a loop that is not running it is remembered: the next
    /// ``run()`` makes one turn. Jobs added later are kept until the loop runs again.
    public func stop() {
        if inbox.appendStop() { poller.wake() }
    }

    /// Starts a thread that does ``run()``, with the loop's name and the caller's signal mask. The thread retains the
    /// loop until it ends. Must not be called while the loop runs; on return the loop belongs to the new thread.
    public func start() {
        precondition(runner.load(ordering: .acquiring) == 0, "start() of loop '\(name)' while it runs")
        thread.start(self)
    }

    /// Waits until the thread of ``start()`` has ended; returns at once if there is none. Any thread but the loop's.
    public func join() {
        precondition(runner.load(ordering: .relaxed) != pthread_self(), "join() of loop '\(name)' from its own thread")
        thread.waitForEnd()
    }

    /// Whether `runUntilIdle` has something to wait for.
    private var canBeWoken: Bool {
        if hasPendingWorkBesideTimers { return true }
        guard timers.liveCount > 0 else { return false }
        return clock != .manual || (timers.firstDeadline ?? .max) <= cachedNow
    }

    private func reportIdle() {
        guard !hasPendingWork else { return }
        onIdle?()
    }

    /// Makes the loop the calling thread's.
    func occupy() {
        let current = pthread_self()
        let (free, _) = runner.compareExchange(expected: 0, desired: current, ordering: .acquiringAndReleasing)
        precondition(free, "loop '\(name)' is running already; a turn cannot be made inside another")
        owner.store(current, ordering: .relaxed)
        inbox.disarm()
        nowIsFresh = false
        isInTurn = true
    }

    private func leave() {
        isInTurn = false
        stopIsRequested = false
        // Jobs that wait make the epoll set readable, for whoever polls it from outside.
        if !inbox.arm() { poller.wake() }
        runner.store(0, ordering: .releasing)
    }
}
