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

    /// Has the task run once at the end of this turn, behind everything else that happens in it, in order of
    /// enqueueing: for work that is cheaper done together for all that came up in the turn. Loop thread.
    ///
    /// Called while no turn is made, or from a task that runs there, it is the end of the next one. Does nothing when
    /// the task is waiting already, be it here or as of ``enqueue(_:)``.
    @inline(__always)
    public func enqueueLast(_ task: LoopTask) {
        assertOnLoop()
        guard !task.isEnqueued else { return }
        lastTasks.append(task)
    }
}
