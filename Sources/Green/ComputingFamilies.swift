/// Which families of greens have computed of late. A family is a green that no green started, such as a request's, and all
/// that it starts, directly or not.
///
/// What one green computes counts for all of its family: else a script that shares its work among many greens, of which
/// none is seen to compute for long, would have a slice for each of them before anybody else's turn came.
final class ComputingFamilies {
    private struct Entry {
        var family: UInt32 = 0
        /// Until then the family counts as computing, in nanoseconds of the loop's clock.
        var until: Int64 = 0
    }

    /// Four times as long as it computed, and so a fifth of the processor is what a family may use without being noticed.
    private static let factor: Int64 = 4
    /// The past counts for no longer than that.
    private static let longest: Int64 = 1_000_000_000
    /// Two families that meet in a place share it: then the one that computed before is forgotten.
    private static let places = 64

    // Safety: allocated once, and given up with this object; the index is always below `places`.
    private let entries: UnsafeMutablePointer<Entry>

    init() {
        entries = .allocate(capacity: Self.places)
        entries.initialize(repeating: Entry(), count: Self.places)
    }

    deinit { entries.deallocate() }

    /// A green of the family has used so many nanoseconds of the processor.
    func note(_ family: UInt32, used: Int64, now: Int64) {
        let place = Int(family) % Self.places
        let before = entries[place].family == family ? max(entries[place].until, now) : now
        entries[place] = Entry(family: family, until: min(now &+ Self.longest, before &+ Self.factor &* used))
    }

    @inline(__always)
    func hasComputed(_ family: UInt32, now: Int64) -> Bool {
        let place = Int(family) % Self.places
        return entries[place].family == family && entries[place].until > now
    }
}
