extension EventLoop {
    /// Has the task run once when the loop next comes to its tasks, in order of enqueueing. Loop thread.
    ///
    /// That is later in this turn when called from a descriptor, job or timer, and in the next turn when called from a
    /// task. Does nothing when the task is waiting already.
    @inline(__always)
    public func enqueue(_ task: LoopTask) {
        assertOnLoop()
        guard !task.isEnqueued else { return }
        tasks.append(task)
    }

    /// The same in the background, for tasks that take long: of all of these one runs in each turn, in order of enqueueing,
    /// behind everything else. Loop thread.
    @inline(__always)
    public func enqueueInBackground(_ task: LoopTask) {
        assertOnLoop()
        guard !task.isEnqueued else { return }
        background.append(task)
    }
}
