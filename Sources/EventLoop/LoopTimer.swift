/// A thing that fires at a point in time. Subclass it and override ``fire()``.
///
/// The loop retains the timer while it is scheduled. Its place in the loop's heap is kept in the timer itself, so
/// scheduling, moving and cancelling allocate nothing and search for nothing.
open class LoopTimer {
    /// The place in the loop's heap; -1 while not scheduled.
    final var heapIndex = -1

    /// When the timer is to fire, or was last to fire; ``MonotonicTime/distantFuture`` before the first scheduling.
    public final internal(set) var deadline = MonotonicTime.distantFuture

    /// Whether the timer counts as pending work while it is scheduled (``EventLoop/hasPendingWork``).
    public final let keepsLoopAlive: Bool

    /// Makes a timer that is not scheduled.
    ///
    /// - Parameter keepsLoopAlive: false for housekeeping that should not keep a program running. Default true.
    public init(keepsLoopAlive: Bool = true) {
        self.keepsLoopAlive = keepsLoopAlive
    }

    /// Called once on the loop thread when the deadline has come; the timer is no longer scheduled by then.
    ///
    /// It may schedule itself again: for a point that has come already it fires in the next turn, after descriptors
    /// have been looked at.
    open func fire() {}

    /// Whether the timer is going to fire.
    public final var isScheduled: Bool { heapIndex >= 0 }
}
