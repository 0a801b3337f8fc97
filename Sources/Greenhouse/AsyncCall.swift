import EventLoop
import Green
import LuaRuntime

/// A Swift `async` function that a script has called: its green waits here until the task is done.
///
/// Loop thread only.
// Safety: the task, whose executor is the loop, passes the reference on; all is read and written on the loop's thread.
final class AsyncCall: WaitList, Undertaking, @unchecked Sendable {
    private let name: String
    private let loop: EventLoop
    private var task: Task<Void, Never>?
    private var give: ((LuaStack) -> Int32)?
    private var isAbandoned = false

    private init(_ name: String, _ loop: EventLoop) {
        self.name = name
        self.loop = loop
        super.init()
    }

    override var waitDescription: String { "the Swift function '\(name)'" }

    static func install(in lua: LuaState) throws(LuaError) { try lua.register(definition) }

    /// Starts a task, and parks the green until the task calls `finish`. The code to answer.
    static func begin(_ name: String, _ lua: LuaStack, _ start: (AsyncCall, EventLoop) -> Task<Void, Never>) -> Int32 {
        let scheduler = Scheduler.of(lua)
        switch scheduler.permission(lua) {
        case .refused(let code): return code
        case .granted(let worker):
            let call = AsyncCall(name, scheduler.loop)
            lua.setTop(0)
            do { try lua.push(reference: call, as: definition) } catch { return Native.raise }
            // The task's jobs run on the loop: it has something to do until the task has ended, wanted or not.
            scheduler.loop.addHold()
            call.task = start(call, scheduler.loop)
            return scheduler.leave(call, scheduler.park(worker, on: call, timeout: nil))
        }
    }

    /// The task has ended; `give` pushes its result or error, and answers a code.
    func finish(_ give: @escaping (LuaStack) -> Int32) {
        loop.removeHold()
        task = nil
        if isAbandoned { return }
        self.give = give
        wakeAll()
    }

    /// Nobody waits for the result any more.
    private func abandon() {
        isAbandoned = true
        task?.cancel()
        task = nil
        give = nil
    }

    func greenWasStopped() { abandon() }

    /// When the green goes on: the call is the only value on its stack.
    static func resume(_ lua: LuaStack) -> Int32 {
        let scheduler = Scheduler.of(lua)
        let reason = scheduler.takeWakeReason()
        guard let call = lua.reference(at: 1, of: definition, as: AsyncCall.self) else {
            fatalError("bug: a parked call lost its task")
        }
        scheduler.takeUp(call)
        guard reason == .ready, let give = call.give else {
            call.abandon()
            return scheduler.raise(reason, on: lua)
        }
        call.give = nil
        return give(lua)
    }

    /// What keeps a call alive while its green is parked; collected unfinished only when the host closes.
    private static let definition = ClassDefinition(
        "Swift task",
        release: { _, payload in
            let slot = payload.assumingMemoryBound(to: Optional<Unmanaged<AnyObject>>.self)
            if let held = slot.pointee {
                // Safety: objects of this class are made by `begin` alone, of a call.
                unsafeDowncast(held.takeUnretainedValue(), to: AsyncCall.self).abandon()
                held.release()
            }
            slot.pointee = nil
        })
}
