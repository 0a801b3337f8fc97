import Glibc

/// A growing run of raw bytes: filled at the back, taken from the front.
///
/// One allocation holds everything; taking from the front only moves an index, and the room in front
/// is used again before the allocation grows. A buffer made with no capacity allocates nothing until
/// it is written to. Not `Sendable`: it belongs to one connection on one loop.
public struct ByteBuffer: ~Copyable {
    private var storage: UnsafeMutableRawPointer?
    private var start = 0
    private var end = 0
    /// Bytes allocated.
    public private(set) var capacity = 0

    /// Most bytes of an empty buffer's allocation that ``consume(_:)`` keeps for what comes next; more is given back.
    /// Default 64 KiB.
    public var retainedCapacity: Int

    /// An empty buffer with room for `capacity` bytes; 0, the default, allocates nothing.
    public init(capacity: Int = 0, retainedCapacity: Int = 65_536) {
        self.retainedCapacity = retainedCapacity
        if capacity > 0 {
            storage = .allocate(byteCount: capacity, alignment: 16)
            self.capacity = capacity
        }
    }

    deinit {
        storage?.deallocate()
    }

    /// Number of bytes held.
    public var count: Int { end &- start }

    /// Whether no bytes are held.
    public var isEmpty: Bool { end == start }

    /// The bytes held; valid until the buffer is changed.
    public var readableBytes: UnsafeRawBufferPointer {
        guard let storage else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: storage + start, count: end &- start)
    }

    /// Calls `body` with the bytes held; they are valid inside the call.
    @inlinable
    public borrowing func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(readableBytes)
    }

    /// Makes room for `additional` more bytes, so that appending them moves nothing.
    public mutating func reserve(_ additional: Int) {
        if capacity &- end < additional { makeRoom(additional) }
    }

    /// The room at the back, at least `minimum` bytes, to be written by `recv` and then taken over by ``commit(_:)``.
    ///
    /// Valid until the buffer is changed. Its bytes are uninitialised.
    public mutating func writableSpace(minimum: Int) -> UnsafeMutableRawBufferPointer {
        if capacity &- end < minimum { makeRoom(minimum) }
        guard let storage else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: storage + end, count: capacity &- end)
    }

    /// Takes over the first `written` bytes of the room that ``writableSpace(minimum:)`` gave.
    public mutating func commit(_ written: Int) {
        precondition(
            written >= 0 && written <= capacity &- end, "commit takes over what was written, no more than the room")
        end &+= written
    }

    /// Appends one byte.
    public mutating func append(_ byte: UInt8) {
        if end == capacity { makeRoom(1) }
        storage?.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end &+= 1
    }

    /// Appends a copy of `bytes`, which must not lie in this buffer.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        append(source, bytes.count)
    }

    /// Appends the UTF-8 of a literal.
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    /// Drops the first `count` bytes. An emptied buffer starts over at its front and gives back
    /// an allocation larger than ``retainedCapacity``.
    public mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= end &- start, "consume drops no more than the buffer holds")
        start &+= count
        if start == end { removeAll() }
    }

    /// Drops everything; gives back an allocation larger than ``retainedCapacity``.
    public mutating func removeAll() {
        start = 0
        end = 0
        if capacity > retainedCapacity { releaseStorage() }
    }

    /// Gives the allocation back if no bytes are held, for a connection that goes idle.
    public mutating func releaseStorage() {
        guard start == end else { return }
        storage?.deallocate()
        storage = nil
        capacity = 0
        start = 0
        end = 0
    }

    @inline(__always)
    mutating func append(_ source: UnsafeRawPointer, _ count: Int) {
        if capacity &- end < count { makeRoom(count) }
        guard let storage else { return }
        memcpy(storage + end, source, count)
        end &+= count
    }

    /// Room behind the bytes for `additional` more; the caller writes them and moves `end` by ``commit(_:)``.
    @inline(__always)
    mutating func room(_ additional: Int) -> UnsafeMutablePointer<UInt8>? {
        if capacity &- end < additional { makeRoom(additional) }
        return storage.map { ($0 + end).assumingMemoryBound(to: UInt8.self) }
    }

    /// Moves the bytes to the front if that makes room enough and cheaply, else to a larger allocation.
    @inline(never)
    private mutating func makeRoom(_ additional: Int) {
        let count = end &- start
        // Only when the front room is at least as large as what is moved: then each byte moves once per byte taken.
        if let storage, capacity &- count >= additional, start >= count {
            memmove(storage, storage + start, count)
        } else {
            let needed = count + additional
            let wider = max(256, max(needed, min(capacity * 2, capacity + 1_048_576)))
            let fresh = UnsafeMutableRawPointer.allocate(byteCount: wider, alignment: 16)
            if let storage {
                memcpy(fresh, storage + start, count)
                storage.deallocate()
            }
            storage = fresh
            capacity = wider
        }
        start = 0
        end = count
    }
}
