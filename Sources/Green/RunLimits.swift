/// How long the greens of a host may run, and how much they may use.
///
/// What a green may use is counted for each green by itself. One that a limited green starts has what that has left at
/// this moment: so no script outlives its limits by starting its successor.
public struct RunLimits: Sendable, Equatable {
    /// The longest a green computes before the others get their turn, in processor time. Zero: as long as it likes.
    /// Noticed up to half of it early; one millisecond is the least that makes sense. Default 10 ms.
    public var slice: Duration = .milliseconds(10)
    /// Processor time that a green may use in all; past it its run gets an error of the kind `limit`. nil for no limit.
    /// Counted in ticks of a timer: precise to half a slice.
    public var processorTime: Duration?
    /// Time that a green may take in all, its waits included; past it its wait, or what it computes, raises
    /// `green.timed_out`. nil for no limit.
    public var deadline: Duration?
    /// Lua instructions that a green may run in all. The same for each run, unlike the processor's time, but counting
    /// doubles the cost of Lua code. nil, the default, counts nothing. Counted in steps of 1,000.
    public var instructions: Int?
    /// How long a green that is cancelled or past a limit may go on to clean up, and wait while it does; then it is
    /// stopped, and nothing of it runs any more. nil, the default, is 10 s, or as long as the deadline where that is
    /// shorter, but 1 s at least.
    public var grace: Duration?
    /// Bytes that the Lua state may have in use; a script that needs more gets a "not enough memory" that it can catch.
    /// Greens are asked to give way when seven eighths are in use, and may keep about five sixths.
    /// nil for no limit.
    public var memory: Int?
    /// How long code may keep its loop, on the wall's clock, before it is reported in the log with its traceback: a C
    /// function that blocks cannot be interrupted, and ends no slice. nil for no reports. Default 200 ms.
    public var blockedAfter: Duration? = .milliseconds(200)
    /// How many greens may live at once; starting more is an error of the kind `limit`. nil for no limit.
    public var greens: Int?
    /// How many jobs may wait in the line of a pool that says nothing else. nil for no limit.
    public var queue: Int?

    /// What is not said is as the properties say.
    public init(
        memory: Int? = nil, slice: Duration = .milliseconds(10), processorTime: Duration? = nil,
        deadline: Duration? = nil, instructions: Int? = nil, grace: Duration? = nil, greens: Int? = nil,
        queue: Int? = nil, blockedAfter: Duration? = .milliseconds(200)
    ) {
        self.memory = memory
        self.slice = slice
        self.processorTime = processorTime
        self.deadline = deadline
        self.instructions = instructions
        self.grace = grace
        self.greens = greens
        self.queue = queue
        self.blockedAfter = blockedAfter
    }

    /// The grace of a green that has so long.
    func grace(deadline: Duration? = nil) -> Duration {
        grace ?? min(.seconds(10), max(.seconds(1), deadline ?? self.deadline ?? .seconds(10)))
    }
}

/// What one call may use: nil for what the host's limits say, zero or less for nothing: the call throws at once. Greens
/// that it starts have what it has left.
public struct CallLimits: Sendable, Equatable {
    /// As ``RunLimits/processorTime``.
    public var processorTime: Duration?
    /// As ``RunLimits/deadline``.
    public var deadline: Duration?
    /// As ``RunLimits/instructions``; an error where the host counts none, having no such limit of its own.
    public var instructions: Int?
    /// How many greens the call may have at once: its own, those that it starts, and those that these start; starting
    /// more is an error of the kind `limit`. What waits in the line of a pool is none of them until it begins, which
    /// it does all the same. nil for as many as the host may have.
    public var greens: Int?

    /// What is nil is as the host's limits say.
    public init(
        processorTime: Duration? = nil, deadline: Duration? = nil, instructions: Int? = nil, greens: Int? = nil
    ) {
        self.processorTime = processorTime
        self.deadline = deadline
        self.instructions = instructions
        self.greens = greens
    }
}
