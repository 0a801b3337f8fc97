import Testing

@testable import EventLoop

@Suite struct TimerHeapTests {
    @Test func timersComeOutInOrderOfDeadlineThenOfScheduling() {
        var heap = TimerHeap()
        var random = SystemRandomNumberGenerator()
        var model: [(deadline: Int64, sequence: Int, timer: LoopTimer)] = []
        let timers = (0..<500).map { _ in LoopTimer() }
        for sequence in 0..<3000 {
            let timer = timers[Int.random(in: 0..<timers.count, using: &random)]
            model.removeAll { $0.timer === timer }
            if timer.isScheduled, Bool.random(using: &random) {
                heap.remove(timer).release()
            } else {
                let deadline = Int64.random(in: 0..<100, using: &random)
                heap.schedule(timer, at: deadline)
                model.append((deadline, sequence, timer))
            }
            #expect(heap.count == model.count)
        }
        model.sort { ($0.deadline, $0.sequence) < ($1.deadline, $1.sequence) }
        for expected in model {
            #expect(heap.firstDeadline == expected.deadline)
            #expect(heap.popDue(at: 100, before: .max) === expected.timer)
            #expect(!expected.timer.isScheduled)
        }
        #expect(heap.isEmpty && heap.liveCount == 0)
    }

    @Test func onlyWhatIsDueAndOldEnoughComesOut() {
        var heap = TimerHeap()
        let timer = LoopTimer()
        heap.schedule(timer, at: 10)
        #expect(heap.popDue(at: 9, before: .max) == nil)
        #expect(heap.popDue(at: 10, before: 0) == nil)
        #expect(heap.popDue(at: 10, before: 1) === timer)
    }

    @Test func theEarliestDeadlineAfterATimeIsFoundBehindEarlierOnes() {
        var heap = TimerHeap()
        let timers = (0..<50).map { _ in LoopTimer() }
        for (index, timer) in timers.enumerated() { heap.schedule(timer, at: Int64(100 - index)) }
        #expect(heap.earliestDeadline(after: 60) == 61)
        #expect(heap.earliestDeadline(after: 100) == nil)
    }

    @Test func timersLeftInTheHeapAreLetGoOf() {
        weak var weakTimer: LoopTimer?
        let kept = LoopTimer()
        do {
            var heap = TimerHeap()
            let timer = LoopTimer(keepsLoopAlive: false)
            weakTimer = timer
            heap.schedule(timer, at: 1)
            heap.schedule(kept, at: 2)
            #expect(heap.liveCount == 1)
        }
        #expect(weakTimer == nil)
        #expect(!kept.isScheduled)
    }
}
