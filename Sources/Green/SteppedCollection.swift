import EventLoop
import LuaRuntime

/// Collects garbage while greens wait that came near the memory limit: in steps, between which the others have their turns.
/// At the limit itself Lua collects all there is in one step, and nobody has a turn meanwhile.
///
/// Loop thread only.
final class SteppedCollection: LoopTask {
    // Safety: as in `SchedulerTurn`.
    unowned(unsafe) var scheduler: Scheduler?
    /// Greens that gave way.
    private var waiting = WorkerLine()
    /// Cycles that may end until somebody is told that there is no memory; 0 while nothing is collected.
    private var cyclesLeft = 0
    /// What was in use, and how many greens there were, when the last one had ended.
    private var bytesLeft = 0
    private var liveThen = 0

    /// Nanoseconds of each step. Some of Lua's own take longer, such as to go through a large table.
    private static let step: Int64 = 2_000_000

    /// A green that gave way goes on when there is room, or gets "not enough memory".
    func hold(_ worker: GreenWorker) {
        waiting = waiting.appending(worker)
        begin()
    }

    /// Near the limit although nobody waits: what greens have left is collected before the others need that memory. Not
    /// again and again where it is all in use.
    func beginIfWorthwhile() {
        guard let scheduler, cyclesLeft == 0 else { return }
        let memory = scheduler.lua.memory
        if scheduler.live < liveThen || memory.bytes - bytesLeft > (memory.limit - bytesLeft) / 4 { begin() }
    }

    /// Lets go of all.
    func clear() {
        waiting = WorkerLine()
        cyclesLeft = 0
    }

    private func begin() {
        guard let scheduler, cyclesLeft == 0 else { return }
        // The one under way may have passed what has become garbage since.
        cyclesLeft = 2
        scheduler.giveUpIdleCoroutines()
        scheduler.loop.enqueueInBackground(self)
    }

    override func run() {
        guard let scheduler, cyclesLeft > 0 else { return }
        // It is the first one's doing.
        if scheduler.lua.collectGarbage(for: Self.step, by: waiting.first?.meter) {
            cyclesLeft -= 1
            let hasRoom = hasRoom(scheduler)
            if hasRoom || cyclesLeft == 0 {
                cyclesLeft = 0
                bytesLeft = scheduler.lua.memory.bytes
                liveThen = scheduler.live
                if hasRoom {
                    letGo(scheduler) { _ in true }
                } else if !waiting.isEmpty {
                    refuseFirst(scheduler)
                }
            }
        }
        if cyclesLeft > 0 { scheduler.loop.enqueueInBackground(self) }
    }

    /// By so much that they are not here again at once.
    private func hasRoom(_ scheduler: Scheduler) -> Bool {
        let memory = scheduler.lua.memory
        return memory.limit == 0 || memory.bytes < memory.limit / 32 * 27
    }

    /// One gets the error, and what it leaves may be enough for the others. Who is to end anyway goes on.
    private func refuseFirst(_ scheduler: Scheduler) {
        var hasRefused = false
        letGo(scheduler) { worker in
            if worker.pendingInterrupt != .ready || worker.stopReason != nil { return true }
            defer { hasRefused = true }
            if !hasRefused { worker.pendingInterrupt = .refused }
            return !hasRefused
        }
        // Behind what finalizers are called for is more (manual 2.5.3), which the cycle after that finds.
        begin()
    }

    private func letGo(_ scheduler: Scheduler, where mayGo: (GreenWorker) -> Bool) {
        var all = waiting
        waiting = WorkerLine()
        while let (worker, rest) = all.takingFirst() {
            all = rest
            worker._withUnsafeGuaranteedRef {
                if mayGo($0) { scheduler.goOnLater($0) } else { waiting = waiting.appending($0) }
            }
        }
    }
}
