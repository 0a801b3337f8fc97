/// A loop as the executor that tasks prefer: `Task(executorPreference: loop.taskExecutor)`. Keeps the loop alive.
///
/// Apart from the loop, which is the executor of actors: the runtime compares both with those that a job was run for, and
/// where they differ each call of an async function goes through the loop's line once more.
public final class LoopTaskExecutor: TaskExecutor {
    private let loop: EventLoop

    init(_ loop: EventLoop) { self.loop = loop }

    /// Takes a job, to be run like those of ``EventLoop/execute(_:)``. Any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        // Safety: the task of the job holds its executor, and lives until the job has run.
        loop.add(.taskJob(UnownedJob(job), asUnownedTaskExecutor()))
    }

    /// This as a task's executor. Does not retain it.
    public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
}

extension EventLoop {
    /// What tasks take as their `executorPreference`.
    public var taskExecutor: LoopTaskExecutor { LoopTaskExecutor(self) }
}
