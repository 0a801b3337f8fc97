import LuaRuntime

/// What a green's run leads to: told once, when the run ends.
///
/// The base of `Future`, and of whatever else starts greens (a request of the HTTP server, a call from Swift).
open class Outcome: WaitList {
    public override init() { super.init() }

    /// What the run is for, in reports: "GET /users/1". nil where its function tells that.
    open var subject: String? { nil }

    /// Nobody wants it any more: a job that still waits in a pool's line is dropped when its turn comes.
    open var isSettled: Bool { false }

    /// This worker is going to run it.
    open func begun(by worker: GreenWorker) {}

    /// It waits in a pool's line.
    open func waits(in pool: GreenPool) {}

    /// More for the same run to do once its function has given the top `count` values: puts a function and its
    /// arguments on top of `stack`, and answers how many arguments; nil, and nothing pushed, for nothing more.
    open func continuation(_ stack: LuaStack, results count: Int32) -> Int32? { nil }

    /// The run ended; its results are the top `count` values of `stack`, to be read or copied, not kept.
    open func succeeded(_ stack: LuaStack, results count: Int32) {}

    /// The run failed; the error value is on top of `stack`, to be read or copied. The calls that led to it are
    /// still there: `scheduler.error(of:on:)`.
    open func failed(_ worker: GreenWorker, _ stack: LuaStack) {}

    /// What only code of a script can tell of the error on top of `stack`, with which the run has failed: puts a function
    /// and its arguments there, and answers how many arguments. It runs in the same green, in place of what failed;
    /// what it gives is what the run has given, and what it raises what that has failed with. nil, and nothing pushed,
    /// where there is nothing to ask.
    open func reading(ofError stack: LuaStack) -> Int32? { nil }

    /// Itself, where that is under way.
    var reading: ErrorReading? { nil }

    /// The run was cancelled before it began.
    open func cancelledBeforeStart() {}

    /// The scheduler closes: the run, or the job in a pool's line, will never end. Lets go of what it holds.
    open func abandoned() {}
}
