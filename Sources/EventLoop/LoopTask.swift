/// A thing run once by the loop when it next comes to its tasks. Subclass it and override ``run()``.
///
/// The link of the loop's queue is kept in the task itself, so enqueueing allocates nothing. The loop retains the task
/// while it is enqueued.
open class LoopTask {
    /// The task behind this one in the loop's queue.
    // Safety: that queue retains it (``TaskQueue``).
    final var next: Unmanaged<LoopTask>?

    /// Whether the task is waiting to be run. Enqueueing it again in that time changes nothing.
    public final internal(set) var isEnqueued = false

    /// Makes a task that is not enqueued.
    public init() {}

    /// Called on the loop thread, once for each time it was enqueued while it was not waiting.
    ///
    /// A task enqueued from here, this one included, runs in the next turn.
    open func run() {}
}
