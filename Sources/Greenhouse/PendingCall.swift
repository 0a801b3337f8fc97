import EventLoop
import Green
import LuaRuntime

/// A call from Swift that runs in a green of its own.
///
/// Loop thread only.
// Safety: created, told and cancelled on the loop's thread; other threads only pass the reference on.
class PendingCall: Outcome, @unchecked Sendable {
    fileprivate(set) weak var core: HostCore?
    /// Workers live as long as the scheduler; nil before the call begins and once it has ended.
    fileprivate var worker: GreenWorker?
    private let limits: CallLimits

    init(_ core: HostCore, _ limits: CallLimits) {
        self.core = core
        self.limits = limits
        super.init()
    }

    override func begun(by worker: GreenWorker) {
        self.worker = worker
        if limits != CallLimits() { core?.scheduler?.limit(worker, limits) }
    }

    /// Has the green's wait raise.
    func interrupt(_ reason: WakeReason) {
        guard let worker else { return }
        core?.scheduler?.interrupt(worker, reason)
    }

    override func failed(_ worker: GreenWorker, _ stack: LuaStack) {
        guard let scheduler = core?.scheduler else { return }
        fail(scheduler.error(of: worker, on: stack))
    }

    override func cancelledBeforeStart() { fail(LuaError(.cancelled, "cancelled")) }

    func hostCloses() { fail(HostCore.closedError) }

    /// Settles it with an error.
    func fail(_ error: LuaError) { fatalError("bug: fail is for subclasses") }

    /// It has ended: lets go of everything.
    fileprivate func end() {
        worker = nil
        core?.ended(self)
    }
}

/// A call with the type of its result.
// Safety: as the class it derives from.
final class TypedCall<Result: LuaConvertible & Sendable>: PendingCall, @unchecked Sendable {
    typealias Ending = Swift.Result<Result, LuaError>
    private var continuation: CheckedContinuation<Ending, Never>?
    /// What a result of another type is called: "the result of 'app.lua'".
    private let resultName: String

    init(_ core: HostCore, _ subject: String, _ limits: CallLimits) {
        resultName = subject
        super.init(core, limits)
    }

    /// Whom to tell. Set before the call begins.
    func tell(_ continuation: CheckedContinuation<Ending, Never>) { self.continuation = continuation }

    override func succeeded(_ stack: LuaStack, results count: Int32) {
        do throws(LuaMismatch) {
            settle(.success(try Result.fromLua(stack, at: stack.top - count + 1)))
        } catch {
            settle(.failure(LuaError(error, of: resultName)))
        }
    }

    override func fail(_ error: LuaError) { settle(.failure(error)) }

    private func settle(_ ending: Ending) {
        guard let continuation else { return }
        self.continuation = nil
        end()
        continuation.resume(returning: ending)
    }
}
