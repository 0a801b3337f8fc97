import LuaRuntime

/// What no host can hold to.
extension RunLimits {
    /// - Throws: `.runtime` for a limit that would let nothing run.
    func check() throws(LuaError) {
        for (name, span, least) in [
            ("slice", slice, Duration.zero), ("processorTime", processorTime, .nanoseconds(1)),
            ("deadline", deadline, .nanoseconds(1)), ("grace", grace, .zero), ("blockedAfter", blockedAfter, .zero),
        ] {
            guard let span, span < least else { continue }
            let expected = least == .zero ? "none, or a time from zero up" : "nil for no limit, or a time above zero"
            throw LuaError(.runtime, "RunLimits: \(name) is \(span): expected \(expected)")
        }
        if slice > .zero, slice < .microseconds(1) {
            throw LuaError(.runtime, "RunLimits: slice is \(slice): expected zero for none, or 1 µs at least")
        }
        for (name, count, least) in [
            ("memory", memory, 1), ("instructions", instructions, 1), ("greens", greens, 1), ("queue", queue, 0),
        ] {
            guard let count, count < least else { continue }
            let message = "RunLimits: \(name) is \(count): expected nil for no limit, or a number from \(least) up"
            throw LuaError(.runtime, message)
        }
    }
}

extension CallLimits {
    /// - Throws: `.runtime` for instructions where the host counts none; and, where nothing is left to use (zero or less),
    ///   what a call throws that has used it: `.timeout` or `.limit`.
    package func check(on host: RunLimits) throws(LuaError) {
        if let deadline, deadline <= .zero { throw LuaError(past: .deadline(deadline), .timeout) }
        if let processorTime, processorTime <= .zero { throw LuaError(past: .processorTime(processorTime), .limit) }
        if let greens, greens <= 0 { throw LuaError(past: .greens(greens), .limit) }
        guard let instructions else { return }
        guard host.instructions != nil else {
            throw LuaError(
                .runtime,
                "CallLimits: this host counts no instructions: give it RunLimits(instructions:), such as Int.max")
        }
        if instructions <= 0 { throw LuaError(past: .instructions(instructions), .limit) }
    }
}

extension LuaError {
    fileprivate init(past limit: RunLimit, _ kind: Kind) {
        self.init(kind, limit.message)
        self.limit = limit
    }
}
