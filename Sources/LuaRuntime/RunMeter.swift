import CGreen

/// What a green has used, and may use. Counted by the membrane while the green runs.
///
/// Loop thread only. Whoever makes one frees it.
public struct RunMeter {
    @usableFromInline let pointer: UnsafeMutablePointer<cg_meter>

    /// Nothing used, no limits.
    public init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: cg_meter())
    }

    /// Gives its memory back; no green may run with it any more.
    public func free() { pointer.deallocate() }

    /// Nanoseconds of processor time, to the few milliseconds at which the timer looks.
    @inlinable
    public var used: Int64 { pointer.pointee.used }

    /// At how many nanoseconds the slice is over at once; 0 for none.
    @inlinable
    public var limit: Int64 {
        get { pointer.pointee.limit }
        nonmutating set { pointer.pointee.limit = newValue }
    }

    /// Instructions left, where the state counts them.
    public var steps: Int64 {
        get { pointer.pointee.steps }
        nonmutating set { pointer.pointee.steps = newValue }
    }

    /// By how many bytes the state's memory has grown in the green's turns, less what these collected; never negative.
    @inlinable
    public var taken: Int64 {
        get { pointer.pointee.taken }
        nonmutating set { pointer.pointee.taken = newValue }
    }

    /// Begins again at nothing.
    @inlinable
    public func clear() { pointer.pointee = cg_meter() }
}
