/// Workers in a row, linked through themselves: the ready ones first in first out, the idle ones last in first out.
///
/// Its owners copy it, change the copy and put it back: a change in place would be checked for exclusivity at run time.
struct WorkerLine {
    // Safety: no references are counted, so that no turn pays for it: the scheduler holds every worker it made until
    // it goes away itself, and its lines with it.
    private var head: Unmanaged<GreenWorker>?
    private var tail: Unmanaged<GreenWorker>?

    @inline(__always)
    var isEmpty: Bool { head == nil }

    /// The line with one more worker at its end.
    @inline(__always)
    func appending(_ worker: GreenWorker) -> WorkerLine {
        var line = self
        let added = Unmanaged.passUnretained(worker)
        if let tail { tail._withUnsafeGuaranteedRef { $0.nextInLine = added } } else { line.head = added }
        line.tail = added
        return line
    }

    /// The line with one more worker at its front.
    @inline(__always)
    func pushing(_ worker: GreenWorker) -> WorkerLine {
        var line = self
        worker.nextInLine = head
        line.head = Unmanaged.passUnretained(worker)
        if head == nil { line.tail = line.head }
        return line
    }

    /// The worker at the front, and the line without it; nil when the line is empty.
    @inline(__always)
    func takingFirst() -> (worker: Unmanaged<GreenWorker>, rest: WorkerLine)? {
        guard let head else { return nil }
        var rest = self
        rest.head = head._withUnsafeGuaranteedRef { worker in
            let next = worker.nextInLine
            worker.nextInLine = nil
            return next
        }
        if rest.head == nil { rest.tail = nil }
        return (head, rest)
    }

    /// The one of those with a value that has the largest; the first of equals.
    func max(by value: (GreenWorker) -> Int64?) -> GreenWorker? {
        var best: (worker: Unmanaged<GreenWorker>, value: Int64)?
        var next = head
        while let worker = next {
            worker._withUnsafeGuaranteedRef {
                if let value = value($0), best.map({ value > $0.value }) ?? true { best = (worker, value) }
                next = $0.nextInLine
            }
        }
        return best?.worker.takeUnretainedValue()
    }

    /// Whether there is one like that in the line.
    func contains(where isLike: (GreenWorker) -> Bool) -> Bool {
        var next = head
        while let worker = next {
            if worker._withUnsafeGuaranteedRef({ isLike($0) }) { return true }
            next = worker._withUnsafeGuaranteedRef { $0.nextInLine }
        }
        return false
    }
}
