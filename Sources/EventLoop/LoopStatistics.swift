/// What a loop has done since it was made. Counts, never reset.
public struct LoopStatistics: Hashable, Sendable {
    /// Passes through descriptors, jobs, timers and tasks.
    public internal(set) var turns = 0
    /// Returns from a wait that was allowed to block. An idle loop adds none.
    public internal(set) var wakeUps = 0
    /// Events delivered to handlers.
    public internal(set) var events = 0
    /// Events dropped because their handler was gone, or no longer asked for them.
    public internal(set) var staleEvents = 0
    /// Timers fired.
    public internal(set) var timersFired = 0
    /// Tasks run (``LoopTask``).
    public internal(set) var tasksRun = 0
    /// Jobs run: from ``EventLoop/execute(_:)``, from Swift concurrency, and completions of offloaded work.
    public internal(set) var jobsRun = 0

    /// All zero.
    public init() {}
}
