/// How many greens one call may have at once: its own, those that it starts, and those that these start.
///
/// Loop thread only.
final class GreenQuota {
    let most: Int
    private(set) var live = 0

    init(_ most: Int) { self.most = most }

    var isFull: Bool { live >= most }

    func begin() { live += 1 }

    func end() { live -= 1 }
}
