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
    /// When the cycle under way is taken for ended, and how often the limit had refused when it was looked at last.
    private var latestEnd = MonotonicTime.distantFuture
    private var refusals: UInt64 = 0
    /// What was in use, and how many greens there were, when the last one had ended.
    private var bytesLeft = 0
    private var liveThen = 0
    private var told = LogThrottle(most: 1, others: "more greens were refused memory within a second")

    /// After so many that helped nothing there is no use in waiting: an error is better than no answer.
    private static let mostRefusalsSeen: UInt8 = 3

    /// Nanoseconds of each step. Some of Lua's own take longer, such as to go through a large table.
    private static let step: Int64 = 2_000_000

    /// A green that gave way goes on when there is room, or gets "not enough memory". At once while it has taken little
    /// lately: what is left is for those.
    func hold(_ worker: GreenWorker) {
        if let scheduler, worker.meter.taken < scheduler.lua.shareOfMemoryLeft {
            beginIfWorthwhile()
            return scheduler.goOnLater(worker)
        }
        worker.refusalsSeen = 0
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
        beginCycle(scheduler)
        scheduler.giveUpIdleCoroutines()
        scheduler.loop.enqueueInBackground(self)
    }

    /// A script that has all collected again and again must not keep a cycle from its end.
    private func beginCycle(_ scheduler: Scheduler) {
        let memory = scheduler.lua.memory
        refusals = memory.refusals
        latestEnd = scheduler.loop.latestNow.advanced(byNanoseconds: max(1, Int64(memory.limit >> 25)) * 1_000_000_000)
    }

    override func run() {
        guard let scheduler, cyclesLeft > 0 else { return }
        if waiting.contains(where: isToEnd) { letGo(scheduler, where: isToEnd) }
        let hasEnded = scheduler.lua.collectGarbage(for: Self.step, by: largest?.meter)
        // At the limit itself Lua has collected all there is, and begins again.
        if hasEnded || scheduler.lua.memory.refusals != refusals || scheduler.loop.latestNow > latestEnd {
            cycleHasEnded(scheduler)
        }
        if cyclesLeft > 0 { scheduler.loop.enqueueInBackground(self) }
    }

    private func cycleHasEnded(_ scheduler: Scheduler) {
        cyclesLeft -= 1
        let hasRoom = hasRoom(scheduler)
        guard hasRoom || cyclesLeft == 0 else { return beginCycle(scheduler) }
        cyclesLeft = 0
        bytesLeft = scheduler.lua.memory.bytes
        liveThen = scheduler.live
        if hasRoom {
            letGo(scheduler) { _ in true }
        } else if !waiting.isEmpty {
            refuseLargest(scheduler)
        }
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

    /// One gets the error, and what it leaves may be enough for the others; all of them where nobody has taken much, as
    /// when memory is full of what earlier greens have left for good. Who is to end anyway goes on.
    private func refuseLargest(_ scheduler: Scheduler) {
        let refused = largest
        let memory = scheduler.lua.memory
        let areAllSmall = (refused?.meter.taken ?? 0) < memory.limit / 256
        letGo(scheduler) { worker in
            if isToEnd(worker) { return true }
            guard worker === refused || areAllSmall || worker.refusalsSeen == Self.mostRefusalsSeen else {
                worker.refusalsSeen += 1
                return false
            }
            worker.pendingInterrupt = .refused
            // A quarter of a share for what cleans up; who keeps it all nevertheless comes no further than that.
            worker.meter.taken = scheduler.lua.shareOfMemoryLeft / 4 * 3
            if areAllSmall {
                for line in told.lines(for: account(worker, memory), at: scheduler.loop.latestNow) {
                    scheduler.log(line)
                }
            }
            return true
        }
        // Behind what finalizers are called for is more (manual 2.5.3), which the cycle after that finds.
        begin()
    }

    private func account(_ worker: GreenWorker, _ memory: LuaMemory) -> String {
        "memory is full of what is kept: \(memory.bytes) of \(memory.limit) bytes; \(worker.title) was refused"
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
