import Greenhouse

/// Starts a green of another family once some of a script's greens have had a slice, and notes how many have had one
/// until its turn came.
final class Outsider: LoopTimer {
    let scheduler: Scheduler
    let chunk: [UInt8]
    private var before: Int?
    /// Started in the same moment, each a family of its own, as requests are.
    private var burst: (source: String, count: Int)?

    init(_ scheduler: Scheduler, _ source: String, burst: (source: String, count: Int)? = nil) {
        self.scheduler = scheduler
        chunk = Array(source.utf8)
        self.burst = burst
        super.init()
        scheduler.loop.schedule(self, at: scheduler.loop.now)
    }

    private func start(_ chunk: [UInt8]) {
        guard (try? scheduler.lua.load(chunk, name: "=outsider")) != nil else { return }
        _ = try? scheduler.start(from: scheduler.lua.main, arguments: 0, outcome: Outcome())
    }

    func number(_ name: String) -> Int? {
        let stack = scheduler.lua.main
        let top = stack.top
        defer { stack.setTop(top) }
        stack.pushGlobals()
        guard (try? stack.pushField(name, of: -1)) != nil else { return nil }
        return stack.integer(at: -1)
    }

    override func fire() {
        guard before == nil else { return }
        if let burst { for _ in 0..<burst.count { start(Array(burst.source.utf8)) } }
        burst = nil
        if let slices = number("slices"), slices >= 2 {
            before = slices
            start(chunk)
        } else {
            scheduler.loop.schedule(self, at: scheduler.loop.now)
        }
    }

    var slicesUntilItsTurn: Int? {
        guard let before, let seen = number("seen") else { return nil }
        return seen - before
    }
}
