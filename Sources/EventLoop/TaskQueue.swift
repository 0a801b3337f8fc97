/// Tasks in order of enqueueing, linked through the tasks themselves.
struct TaskQueue: ~Copyable {
    // Safety: every linked task was retained by `append` and is passed on by `popFirst` or let go of in `deinit`.
    private var first: Unmanaged<LoopTask>?
    private var last: Unmanaged<LoopTask>?

    init() {}

    deinit {
        var current = first
        while let task = current {
            current = task.takeUnretainedValue().next
            task.takeUnretainedValue().next = nil
            task.takeUnretainedValue().isEnqueued = false
            task.release()
        }
    }

    var isEmpty: Bool { first == nil }

    /// Adds a task that is not enqueued.
    mutating func append(_ task: LoopTask) {
        task.isEnqueued = true
        // Safety: let go of by `popFirst` or `deinit`.
        let reference = Unmanaged.passRetained(task)
        if let last {
            last._withUnsafeGuaranteedRef { $0.next = reference }
        } else {
            first = reference
        }
        last = reference
    }

    /// The address of the task that was added last, as the mark of where a batch ends. No other task can have it while
    /// that one is in the queue.
    var lastAddress: UnsafeMutableRawPointer? { last?.toOpaque() }

    /// Takes the first task out; it can be enqueued again from then on.
    mutating func popFirst() -> LoopTask? {
        guard let reference = first else { return nil }
        let task = reference.takeRetainedValue()
        first = task.next
        if first == nil { last = nil }
        task.next = nil
        task.isEnqueued = false
        return task
    }
}
