extension EventLoop {
    /// The loop's time: read once per turn, when first asked for. Loop thread.
    ///
    /// While the loop is not running it is read each time. See ``updateNow()``.
    public var now: MonotonicTime {
        assertOnLoop()
        if !nowIsFresh { updateNow() }
        return MonotonicTime(nanoseconds: cachedNow)
    }

    /// The time at the loop's last look at the clock, which this does not take: at the latest the end of the last sleep.
    /// Loop thread.
    @inline(__always)
    public var latestNow: MonotonicTime { MonotonicTime(nanoseconds: cachedNow) }

    /// Reads the clock again, after long work in one turn. Does nothing on other clocks than monotonic. Loop thread.
    public func updateNow() {
        assertOnLoop()
        nowIsFresh = isInTurn
        guard clock == .monotonic else { return }
        cachedNow = MonotonicTime.now().nanoseconds
    }

    /// Has the timer fire in the first turn that begins its timer phase at the time or later. Loop thread.
    ///
    /// Timers fire in the order of their times, those of the same time in the order of scheduling. A timer that is
    /// scheduled already is moved. Precise to what the kernel makes of nanoseconds (epoll_pwait2(2), since Linux 5.11;
    /// a thread's default timer slack is 50 µs); whole milliseconds, rounded up, before.
    ///
    /// - Parameters:
    ///   - timer: Retained until it fires or is cancelled.
    ///   - time: Has come already: the next turn.
    public func schedule(_ timer: LoopTimer, at time: MonotonicTime) {
        assertOnLoop()
        timer.deadline = time
        timers.schedule(timer, at: max(time.nanoseconds, firingTime))
    }

    /// Takes the timer back; does nothing when it is not scheduled. Loop thread.
    public func cancel(_ timer: LoopTimer) {
        assertOnLoop()
        guard timer.isScheduled else { return }
        let reference = timers.remove(timer)
        reference.release()
    }

    /// When the loop next has something to do by itself: now if a task or job is waiting, else the first timer's time,
    /// ``MonotonicTime/distantFuture`` when there is none. For polling ``epollDescriptor`` from outside. Loop thread.
    public var nextDeadline: MonotonicTime {
        guard tasks.isEmpty, background.isEmpty, !inbox.hasItems else { return now }
        return MonotonicTime(nanoseconds: timers.firstDeadline ?? .max)
    }

    /// Moves the manual clock and fires at once, in order, what becomes due on the way. Loop thread.
    ///
    /// Each timer sees its own time as ``now``; one that is scheduled on the way, and still within it, fires too. Timers
    /// that schedule each other for the present get 64 rounds before time moves on. Tasks and jobs wait for the next
    /// turn.
    ///
    /// - Parameter duration: Not negative. Zero fires what is due.
    public func advance(by duration: Duration) {
        assertOnLoop()
        precondition(clock == .manual, "advance(by:) of loop '\(name)', whose clock is not manual")
        precondition(duration >= .zero, "advance(by:) of loop '\(name)' by \(duration), expected zero or more")
        let target = (MonotonicTime(nanoseconds: cachedNow) + duration).nanoseconds
        while true {
            fireWhatIsDueNow()
            guard let next = timers.earliestDeadline(after: cachedNow), next <= target else { break }
            cachedNow = next
        }
        cachedNow = target
    }

    private func fireWhatIsDueNow() {
        for _ in 0..<64 {
            firingTime = cachedNow
            let limit = timers.nextSequence
            while let timer = timers.popDue(at: cachedNow, before: limit) {
                counts.timersFired += 1
                timer.fire()
            }
            guard let deadline = timers.firstDeadline, deadline <= cachedNow else { return }
        }
    }
}
