/// Workers in line, a line for each family: taken from one family after the other, so that a family of many greens has no
/// larger share than one of few. Families that meet in a place share a line (see `ComputingFamilies`).
final class FamilyLines {
    private static let places = 64

    // Safety: allocated once, and given up with this object; the index is always below `places`.
    private let lines: UnsafeMutablePointer<WorkerLine>
    /// A bit for each line that is not empty.
    private var occupied: UInt64 = 0
    /// The line that was taken from last.
    private var last = 0

    init() {
        lines = .allocate(capacity: Self.places)
        lines.initialize(repeating: WorkerLine(), count: Self.places)
    }

    deinit { lines.deallocate() }

    @inline(__always)
    var isEmpty: Bool { occupied == 0 }

    @inline(__always)
    func append(_ worker: GreenWorker) {
        let place = Int(worker.family) % Self.places
        lines[place] = lines[place].appending(worker)
        occupied |= 1 << UInt64(place)
    }

    /// Whether one of the family is in line.
    func holds(_ family: UInt32) -> Bool {
        occupied != 0 && lines[Int(family) % Self.places].contains { $0.family == family }
    }

    /// The first of the next family's line; nil when all are empty.
    @inline(__always)
    func takeFirst() -> Unmanaged<GreenWorker>? {
        if occupied == 0 { return nil }
        let after = last == Self.places - 1 ? 0 : (occupied >> UInt64(last + 1)) << UInt64(last + 1)
        let place = (after != 0 ? after : occupied).trailingZeroBitCount
        guard let (worker, rest) = lines[place].takingFirst() else { return nil }
        lines[place] = rest
        if rest.isEmpty { occupied &= ~(1 << UInt64(place)) }
        last = place
        return worker
    }

    /// Lets go of all.
    func clear() {
        lines.update(repeating: WorkerLine(), count: Self.places)
        occupied = 0
    }
}
