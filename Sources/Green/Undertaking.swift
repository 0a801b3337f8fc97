import LuaRuntime

/// What a native has begun for a green and ends itself when it goes on: a request, a task, a hold on the loop.
///
/// A native of a green that is stopped never goes on. So while it waits, or runs a function of the script, the green has a
/// list of what is under way.
public protocol Undertaking: AnyObject {
    /// Nobody goes on with it: the green has been stopped, or has died of an error that nothing can catch.
    func greenWasStopped()
}

extension Native {
    /// Whether a native that answers this code goes on later.
    static func goesOn(_ code: Int32) -> Bool { code == park || code <= call(at: 0) }
}

extension Scheduler {
    /// What a native answers that has begun something: the code. The green has it under way for as long as the native
    /// is to go on.
    public func leave(_ undertaking: any Undertaking, _ code: Int32) -> Int32 {
        if Native.goesOn(code), let running { running.beginUndertaking(undertaking) }
        return code
    }

    /// The native goes on: first of all in `resumed`.
    public func takeUp(_ undertaking: any Undertaking) { running?.endUndertaking(undertaking) }
}

extension GreenWorker {
    /// Whoever is still in the list when the run has ended well was left by a script's coroutine that did not go on: Lua's
    /// collector finds it.
    func forgetUndertakings() { details?.undertakings.removeAll() }

    /// The run will not go on: the innermost first.
    func giveUpUndertakings() {
        guard let details else { return }
        while let last = details.undertakings.popLast() { last.greenWasStopped() }
    }

    fileprivate func endUndertaking(_ undertaking: any Undertaking) {
        guard let details, let index = details.undertakings.lastIndex(where: { $0 === undertaking }) else { return }
        details.undertakings.remove(at: index)
    }
}
