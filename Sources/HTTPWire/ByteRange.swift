/// A stretch of the bytes that were given to a parser: where it starts and how many bytes it has.
///
/// Ranges instead of pointers stay valid when the input buffer moves, as long as the message still
/// begins at the same distance from the buffer's front.
public struct ByteRange: Sendable, Equatable {
    /// Offset of the first byte from the first byte given to `parse` or `next`.
    public var start: UInt32
    /// Number of bytes; 0 is an empty range.
    public var count: UInt32

    /// A range of `count` bytes from `start`.
    @inlinable
    public init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }

    /// The range from offset `start` up to, not including, offset `end`. Traps if `end` is before `start`.
    @inlinable
    public init(from start: Int, to end: Int) {
        self.start = UInt32(start)
        self.count = UInt32(end - start)
    }

    /// The empty range at offset 0.
    @inlinable
    public static var empty: ByteRange { ByteRange(start: 0, count: 0) }

    /// Whether the range has no bytes.
    @inlinable
    public var isEmpty: Bool { count == 0 }

    /// The bytes of this range inside `bytes`, which must begin where the parsed bytes began.
    ///
    /// Traps if the range does not lie inside `bytes`. The result is valid as long as `bytes` is.
    @inlinable
    public func slice(of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(start)..<(Int(start) + Int(count))])
    }
}
