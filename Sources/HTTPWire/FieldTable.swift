/// The header fields of one message at a time, in memory that is used again for the next.
///
/// Holds no count: that is in the parser's head.
struct FieldTable: ~Copyable {
    private var storage: UnsafeMutablePointer<HeaderField>?
    private var capacity = 0

    init() {}

    deinit {
        storage?.deallocate()
    }

    /// The first `count` fields; valid until the table is changed.
    @inline(__always)
    func fields(_ count: Int) -> UnsafeBufferPointer<HeaderField> {
        UnsafeBufferPointer(start: storage, count: storage == nil ? 0 : count)
    }

    /// Puts `field` behind the `count` that are there; `limit` is the most there will ever be.
    @inline(__always)
    mutating func append(_ field: HeaderField, at count: Int, limit: Int) {
        if count == capacity { grow(count, limit) }
        // A count below the capacity means that there is storage.
        storage?[count] = field
    }

    /// Gives the memory back.
    mutating func release() {
        storage?.deallocate()
        storage = nil
        capacity = 0
    }

    /// Doubles the table, at most up to the field limit.
    @inline(never)
    private mutating func grow(_ count: Int, _ limit: Int) {
        let wider = min(max(16, capacity * 2), max(16, limit))
        let table = UnsafeMutablePointer<HeaderField>.allocate(capacity: wider)
        if let storage {
            table.update(from: storage, count: count)
            storage.deallocate()
        }
        storage = table
        capacity = wider
    }
}
