import LuaRuntime

/// What only few runs have. Apart from the worker, of which there is one for each green that lives: a parked green is to
/// take no more than 1.5 kB.
final class RunDetails {
    /// Its deadline and its grace; made when first needed.
    var limitTimer: LimitTimer?
    /// What it was given to use.
    var granted = CallLimits()
    /// Shared with the greens that it starts.
    var quota: GreenQuota?
    /// What of that it is past.
    var spentLimit: RunLimit?
    /// What is known of its error once the calls that led to it have gone; the text only where a script has made it.
    var failure: (traceback: String, text: String?)?
    /// The failure of another green whose error was raised in it last.
    var raised: GreenFailure?
    /// The locks this run holds, newest first.
    var heldLock: GreenLock?
    /// The innermost `green.timeout` around what runs.
    var timeoutScope: DeadlineScope?
    /// Of the scopes whose interrupt is pending the outermost.
    var pendingScope: DeadlineScope?
    /// How many `green.shield` are around what runs, and whether a cancellation waits for their end.
    var shields = 0
    var hasHeldCancellation = false
    /// The coroutine, its own or a script's, that its slice ended in.
    var preemptedIn: LuaStack?
    /// "file:line" of its start, where the scheduler records it.
    var spawnSite = ""
    /// What natives have begun for it and not ended, the innermost last.
    var undertakings: [any Undertaking] = []
}

extension GreenWorker {
    /// The details, made now where there are none.
    private var someDetails: RunDetails {
        if let details { return details }
        let made = RunDetails()
        details = made
        return made
    }

    /// Its deadline and its grace, if it has ever had one.
    var limitTimer: LimitTimer? { details?.limitTimer }

    func limits() -> LimitTimer {
        if let limitTimer { return limitTimer }
        let made = LimitTimer(self)
        someDetails.limitTimer = made
        return made
    }

    var granted: CallLimits {
        get { details?.granted ?? CallLimits() }
        set { someDetails.granted = newValue }
    }

    /// How many greens its call may have; nil for as many as the host may. The worker counts among them.
    var quota: GreenQuota? {
        get { details?.quota }
        set { if newValue != nil || details != nil { someDetails.quota = newValue } }
    }

    var spentLimit: RunLimit? {
        get { details?.spentLimit }
        set { if newValue != nil || details != nil { someDetails.spentLimit = newValue } }
    }

    var failure: (traceback: String, text: String?)? { details?.failure }

    var raised: GreenFailure? {
        get { details?.raised }
        set { if newValue != nil || details != nil { someDetails.raised = newValue } }
    }

    /// The locks this run holds, newest first.
    var heldLock: GreenLock? {
        get { details?.heldLock }
        set { if newValue != nil || details != nil { someDetails.heldLock = newValue } }
    }

    /// The innermost `green.timeout` around what runs.
    var timeoutScope: DeadlineScope? {
        get { details?.timeoutScope }
        set { if newValue != nil || details != nil { someDetails.timeoutScope = newValue } }
    }

    /// The coroutine, its own or a script's, that its slice ended in; nil unless it was preempted.
    var preemptedIn: LuaStack? {
        get { isPreempted ? details?.preemptedIn : nil }
        set {
            isPreempted = newValue != nil
            if newValue != nil { someDetails.preemptedIn = newValue }
        }
    }

    var pendingScope: DeadlineScope? {
        get { details?.pendingScope }
        set { if newValue != nil || details != nil { someDetails.pendingScope = newValue } }
    }

    var shields: Int {
        get { details?.shields ?? 0 }
        set { if newValue != 0 || details != nil { someDetails.shields = newValue } }
    }

    var hasHeldCancellation: Bool {
        get { details?.hasHeldCancellation ?? false }
        set { if newValue || details != nil { someDetails.hasHeldCancellation = newValue } }
    }

    var spawnSite: String {
        get { details?.spawnSite ?? "" }
        set { if !newValue.isEmpty || details != nil { someDetails.spawnSite = newValue } }
    }

    func beginUndertaking(_ undertaking: any Undertaking) { someDetails.undertakings.append(undertaking) }

    /// It has failed there, and its stack does not tell any more.
    func hasFailed(at traceback: String, text: String?) {
        isLimited = true
        someDetails.failure = (traceback, text)
    }

    /// The run is over.
    func endLimits() {
        isLimited = false
        isAskedToEnd = false
        isCleaningUp = false
        stopReason = nil
        preemptedIn = nil
        meter.clear()
        guard let details else { return }
        details.limitTimer?.end()
        details.shields = 0
        details.hasHeldCancellation = false
        details.failure = nil
        details.granted = CallLimits()
        details.spentLimit = nil
        details.quota?.end()
        details.quota = nil
    }
}
