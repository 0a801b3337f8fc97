/// Tells whether a walk from object to object goes round in a circle, without remembering all it saw (Brent's method).
struct CycleGuard {
    private var landmark: ObjectIdentifier?
    private var steps = 0
    private var limit = 8

    /// Whether the walk, which comes by `object` now, has been going round.
    mutating func comesRound(to object: AnyObject) -> Bool {
        let here = ObjectIdentifier(object)
        if here == landmark { return true }
        steps += 1
        if steps == limit {
            landmark = here
            limit *= 2
            steps = 0
        }
        return false
    }
}
