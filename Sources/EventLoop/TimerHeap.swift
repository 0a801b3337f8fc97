/// The timers of a loop: a 4-ary heap ordered by deadline, then by order of scheduling.
///
/// The keys are kept in the heap's own memory, so that finding a place does not touch the timers; each timer knows its
/// index. No method runs foreign code: what is let go of is handed to the caller first.
struct TimerHeap: ~Copyable {
    private struct Entry {
        var deadline: Int64
        var sequence: UInt64
        // Safety: retained while the entry is in the heap; `remove`, `popDue` and `deinit` pass the reference on.
        var timer: Unmanaged<LoopTimer>

        @inline(__always)
        static func < (left: Entry, right: Entry) -> Bool {
            left.deadline != right.deadline ? left.deadline < right.deadline : left.sequence < right.sequence
        }
    }

    private var entries: UnsafeMutableBufferPointer<Entry>
    private(set) var count = 0
    /// Scheduled timers that count as pending work.
    private(set) var liveCount = 0
    /// The number the next scheduled timer gets; what is scheduled later has a higher one.
    private(set) var nextSequence: UInt64 = 0

    init() {
        entries = .allocate(capacity: 64)
    }

    deinit {
        for index in 0..<count {
            entries[index].timer.takeUnretainedValue().heapIndex = -1
            entries[index].timer.release()
        }
        entries.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    /// When the first timer is due, in nanoseconds; nil when there is none.
    var firstDeadline: Int64? {
        count == 0 ? nil : entries[0].deadline
    }

    /// The earliest deadline later than `time`. Looks at every timer.
    func earliestDeadline(after time: Int64) -> Int64? {
        var earliest: Int64?
        for index in 0..<count where entries[index].deadline > time {
            earliest = min(earliest ?? .max, entries[index].deadline)
        }
        return earliest
    }

    /// Puts the timer in, or moves it when it is in already.
    mutating func schedule(_ timer: LoopTimer, at deadline: Int64) {
        let sequence = nextSequence
        nextSequence += 1
        if timer.heapIndex >= 0 {
            let index = timer.heapIndex
            let old = entries[index]
            place(Entry(deadline: deadline, sequence: sequence, timer: old.timer), at: index)
            return
        }
        if count == entries.count { grow() }
        if timer.keepsLoopAlive { liveCount += 1 }
        // Safety: let go of by whoever takes the entry out.
        let entry = Entry(deadline: deadline, sequence: sequence, timer: Unmanaged.passRetained(timer))
        entries.initializeElement(at: count, to: entry)
        count += 1
        siftUp(entry, from: count - 1)
    }

    /// Takes the timer out.
    // Safety: the caller owns the reference that comes back and lets go of it after this call.
    mutating func remove(_ timer: LoopTimer) -> Unmanaged<LoopTimer> {
        removeEntry(at: timer.heapIndex)
    }

    /// Takes out the first timer if it is due at `time` and was scheduled before number `limit`.
    mutating func popDue(at time: Int64, before limit: UInt64) -> LoopTimer? {
        guard count > 0, entries[0].deadline <= time, entries[0].sequence < limit else { return nil }
        return removeEntry(at: 0).takeRetainedValue()
    }

    // Safety: the caller owns the reference that comes back.
    private mutating func removeEntry(at index: Int) -> Unmanaged<LoopTimer> {
        let removed = entries[index].timer
        let last = entries[count - 1]
        count -= 1
        if index < count { place(last, at: index) }
        removed._withUnsafeGuaranteedRef { timer in
            timer.heapIndex = -1
            if timer.keepsLoopAlive { liveCount -= 1 }
        }
        return removed
    }

    /// Writes the entry where a hole is, then restores the order in whichever direction it is broken.
    private mutating func place(_ entry: Entry, at index: Int) {
        if index > 0, entry < entries[(index - 1) / 4] {
            siftUp(entry, from: index)
        } else {
            siftDown(entry, from: index)
        }
    }

    private mutating func siftUp(_ entry: Entry, from start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 4
            guard entry < entries[parent] else { break }
            put(entries[parent], at: index)
            index = parent
        }
        put(entry, at: index)
    }

    private mutating func siftDown(_ entry: Entry, from start: Int) {
        var index = start
        while true {
            let firstChild = index * 4 + 1
            guard firstChild < count else { break }
            var smallest = firstChild
            for child in firstChild + 1..<max(firstChild + 1, min(firstChild + 4, count))
            where entries[child] < entries[smallest] {
                smallest = child
            }
            guard entries[smallest] < entry else { break }
            put(entries[smallest], at: index)
            index = smallest
        }
        put(entry, at: index)
    }

    @inline(__always)
    private func put(_ entry: Entry, at index: Int) {
        entries[index] = entry
        entry.timer._withUnsafeGuaranteedRef { $0.heapIndex = index }
    }

    private mutating func grow() {
        let larger = UnsafeMutableBufferPointer<Entry>.allocate(capacity: entries.count * 2)
        _ = larger.moveInitialize(fromContentsOf: entries)
        entries.deallocate()
        entries = larger
    }
}
