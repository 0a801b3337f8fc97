extension EventLoop {
    /// Has the closure run on the loop's thread, never inside this call, in order of arrival; wakes the loop. Any
    /// thread.
    public func execute(_ job: @escaping @Sendable () -> Void) {
        add(.closure(job))
    }

    /// Takes a job of Swift concurrency, to be run like those of ``execute(_:)``. Any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// The loop as an actor's executor. Does not retain it.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// Traps unless the caller is on the loop's thread; what `assumeIsolated` asks (SE-0424).
    public func checkIsolated() {
        precondition(isOnLoop, "expected to be on the thread of loop '\(name)'")
    }

    /// Whether the caller is on the loop's thread; what the runtime asks before it gives up (SE-0471).
    public func isIsolatingCurrentContext() -> Bool? {
        isOnLoop
    }

    func add(_ item: JobInbox.Item) {
        if inbox.append(item) { poller.wake() }
    }
}
