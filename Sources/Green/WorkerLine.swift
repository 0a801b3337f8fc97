/// Workers in a row, linked through themselves: the ready ones first in first out, the idle ones last in first out.
///
/// Safety: holds no references, so that no turn pays for counting them: the scheduler holds every worker it made
/// until it goes away itself, and its lines with it.
struct WorkerLine {
    private unowned(unsafe) var head: GreenWorker?
    private unowned(unsafe) var tail: GreenWorker?

    @inline(__always)
    var isEmpty: Bool { head == nil }

    @inline(__always)
    mutating func append(_ worker: GreenWorker) {
        if let tail { tail.nextInLine = worker } else { head = worker }
        tail = worker
    }

    @inline(__always)
    mutating func push(_ worker: GreenWorker) {
        worker.nextInLine = head
        if head == nil { tail = worker }
        head = worker
    }

    @inline(__always)
    mutating func takeFirst() -> GreenWorker? {
        guard let first = head else { return nil }
        head = first.nextInLine
        first.nextInLine = nil
        if head == nil { tail = nil }
        return first
    }

    @inline(__always)
    var first: GreenWorker? { head }
}
