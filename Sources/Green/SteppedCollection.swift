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

    /// A green that gave way goes on when there is room, or gets "not enough memory". At once while it has taken little
    /// lately: the last eighth is for those.
    func hold(_ worker: GreenWorker) {
        if let scheduler, mayPassBy(worker, scheduler.lua.memory) {
            beginIfWorthwhile()
            return scheduler.goOnLater(worker)
        }
        waiting = waiting.appending(worker)
        begin()
    }

    private func mayPassBy(_ worker: GreenWorker, _ memory: LuaMemory) -> Bool {
        worker.meter.taken < memory.limit / 256 && memory.bytes < memory.limit / 32 * 31
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
        if scheduler.lua.collectGarbage(for: Self.step, by: largest?.meter) {
            cyclesLeft -= 1
            let hasRoom = hasRoom(scheduler)
            if hasRoom || cyclesLeft == 0 {
                cyclesLeft = 0
                bytesLeft = scheduler.lua.memory.bytes
                liveThen = scheduler.live
                if hasRoom {
                    letGo(scheduler) { _ in true }
                } else if !waiting.isEmpty {
                    refuseLargest(scheduler)
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

    /// Whose doing it is: who has taken most lately. Those that only pass by are to come to no harm.
    private var largest: GreenWorker? {
        waiting.max { isToEnd($0) ? nil : $0.meter.taken }
    }

    private func isToEnd(_ worker: GreenWorker) -> Bool {
        worker.pendingInterrupt != .ready || worker.stopReason != nil
    }

    /// One gets the error, and what it leaves may be enough for the others. Who is to end anyway goes on.
    private func refuseLargest(_ scheduler: Scheduler) {
        let refused = largest
        letGo(scheduler) { $0 === refused || isToEnd($0) }
        refused?.pendingInterrupt = .refused
        refused?.meter.taken = 0
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
