import ArgumentParser
import Greenhouse

/// What scripts may use: the options that `run` and `serve` share.
struct LimitOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,  // A negative number is to be refused as one.
        help: ArgumentHelp(
            "Most memory that scripts may use, such as 65536, 64K, 64M or 1G (units of 1024); what needs more gets \"not enough memory\". Without it there is no limit, as with the other limits.",
            valueName: "bytes"), transform: byteCount)
    var memoryLimit: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Processor time that one green (serve: one request) may use; then it is stopped.", valueName: "seconds"))
    var cpuLimit: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Time that one green (serve: one request) may take, its waits included; then it is stopped.",
            valueName: "seconds"))
    var timeLimit: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Lua instructions that one green (serve: one request) may run; then it is stopped. Counting doubles the cost of Lua code.",
            valueName: "count"))
    var instructionLimit: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long a green computes before the others get their turn; 0: as long as it likes.",
            valueName: "milliseconds"))
    var slice = 10.0

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Report a green that has kept its loop so long, such as in a C function that blocks; 0: never.",
            valueName: "milliseconds"))
    var blockedAfter = 200.0

    @Option(parsing: .unconditional, help: "Most greens that may live at once; starting more is an error.")
    var maxGreens: Int?

    func validate() throws {
        for (name, seconds) in [("cpu-limit", cpuLimit), ("time-limit", timeLimit)] {
            if let seconds, !(seconds > 0 && seconds < 1e9) {
                throw ValidationError("--\(name) \(seconds): expected a number of seconds above 0")
            }
        }
        if memoryLimit == 0 { throw ValidationError("--memory-limit 0: expected a number of bytes above 0") }
        if let instructionLimit, instructionLimit < 1 {
            throw ValidationError("--instruction-limit \(instructionLimit): expected a number from 1 up")
        }
        guard slice == 0 || (slice >= 1 && slice <= 10_000) else {
            throw ValidationError("--slice \(slice): expected 1 to 10000 milliseconds, or 0")
        }
        guard blockedAfter == 0 || (blockedAfter >= 1 && blockedAfter <= 1e9) else {
            throw ValidationError("--blocked-after \(blockedAfter): expected a number of milliseconds from 1 up, or 0")
        }
        if let maxGreens, maxGreens < 1 {
            throw ValidationError("--max-greens \(maxGreens): expected a number from 1 up")
        }
    }

    /// Those of the host; what one green may use is among them only for `run`.
    func host(forEachGreen: Bool) -> RunLimits {
        var limits = RunLimits(memory: memoryLimit, slice: .microseconds(Int64(slice * 1000)), greens: maxGreens)
        limits.blockedAfter = blockedAfter == 0 ? nil : .microseconds(Int64(blockedAfter * 1000))
        if forEachGreen {
            limits.processorTime = cpuLimit.map { .seconds($0) }
            limits.deadline = timeLimit.map { .seconds($0) }
            limits.instructions = instructionLimit
        } else if instructionLimit != nil {
            limits.instructions = .max  // only where the host counts them can a request have a limit
        }
        return limits
    }

    /// Those of one request, of which there may be so many greens.
    func request(greens: Int?) -> CallLimits? {
        let limits = CallLimits(
            processorTime: cpuLimit.map { .seconds($0) }, deadline: timeLimit.map { .seconds($0) },
            instructions: instructionLimit, greens: greens)
        return limits == CallLimits() ? nil : limits
    }
}
