import CGreen

/// What a green has used, and may use. Counted by the membrane while the green runs.
///
/// Loop thread only. It is one of a ``RunMeters``.
public struct RunMeter {
    @usableFromInline let pointer: UnsafeMutablePointer<cg_meter>

    fileprivate init(_ pointer: UnsafeMutablePointer<cg_meter>) { self.pointer = pointer }

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

/// The meters of a scheduler's greens, by their places: in blocks, as by itself each would take half as much again.
///
/// Loop thread only. No green may run with any of them once these are gone.
public struct RunMeters: ~Copyable {
    private static let blockSize = 64
    private var blocks: [UnsafeMutablePointer<cg_meter>] = []

    /// None yet.
    public init() {}

    deinit {
        for block in blocks { block.deallocate() }
    }

    /// The one at a place, which is one behind the last that there was at most: nothing used, no limits.
    public mutating func meter(at place: Int) -> RunMeter {
        if place / Self.blockSize == blocks.count {
            let block = UnsafeMutablePointer<cg_meter>.allocate(capacity: Self.blockSize)
            block.initialize(repeating: cg_meter(), count: Self.blockSize)
            blocks.append(block)
        }
        return RunMeter(blocks[place / Self.blockSize] + place % Self.blockSize)
    }
}
