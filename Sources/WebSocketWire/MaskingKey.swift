/// The four bytes that a client's payload is combined with (RFC 6455 §5.3).
public struct MaskingKey: Sendable, Equatable {
    /// The bytes, the first in the lowest bits.
    let bits: UInt32

    /// The key with these bytes, in the order they are sent.
    public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        bits = UInt32(first) | UInt32(second) << 8 | UInt32(third) << 16 | UInt32(fourth) << 24
    }

    /// The key whose first byte is in the lowest bits of `bits`.
    init(bits: UInt32) {
        self.bits = bits
    }

    /// Writes `count` bytes of `source`, masked or unmasked, to `target`, which may be the same place.
    ///
    /// Works on eight bytes at once. `phase` is how many bytes of the payload came before.
    func apply(
        _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int, phase: Int
    ) {
        let shift = UInt32(truncatingIfNeeded: phase & 3) &* 8
        let turned = bits &>> shift | bits &<< (32 &- shift)
        let wide = UInt64(turned) | UInt64(turned) << 32
        var index = 0
        while index &+ 8 <= count {
            let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            target.storeBytes(of: (word ^ wide).littleEndian, toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        var rest = wide
        while index < count {
            let byte = source.load(fromByteOffset: index, as: UInt8.self) ^ UInt8(truncatingIfNeeded: rest)
            target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            rest &>>= 8
            index &+= 1
        }
    }
}
