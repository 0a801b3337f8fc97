/// Tells whether bytes that come in pieces are UTF-8 (RFC 3629), at the first byte that makes it impossible.
struct UTF8Validator: Sendable, Equatable {
    /// Continuation bytes that the open character still needs.
    private var missing: UInt8 = 0
    /// What the next continuation byte may be: narrower than 0x80–0xBF behind E0, ED, F0 and F4, which keeps out
    /// overlong forms, surrogates and numbers above U+10FFFF.
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// Whether the bytes so far end with a whole character.
    var isComplete: Bool { missing == 0 }

    /// Looks at `count` more bytes; false if no continuation can make them UTF-8.
    mutating func accept(_ base: UnsafeRawPointer, _ count: Int) -> Bool {
        var index = 0
        while index < count {
            if missing == 0 {
                while index &+ 8 <= count,
                    base.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index &+= 8
                }
                guard index < count else { return true }
                guard begin(base.load(fromByteOffset: index, as: UInt8.self)) else { return false }
            } else {
                let byte = base.load(fromByteOffset: index, as: UInt8.self)
                guard byte >= lowest, byte <= highest else { return false }
                missing &-= 1
                lowest = 0x80
                highest = 0xBF
            }
            index &+= 1
        }
        return true
    }

    /// Looks at `bytes`, all at once; false if no continuation can make them UTF-8.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        return accept(base, bytes.count)
    }

    /// Takes the first byte of a character (RFC 3629 §4).
    private mutating func begin(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            if byte == 0xE0 { lowest = 0xA0 }
            if byte == 0xED { highest = 0x9F }
        case 0xF0...0xF4:
            missing = 3
            if byte == 0xF0 { lowest = 0x90 }
            if byte == 0xF4 { highest = 0x8F }
        default: return false
        }
        return true
    }
}
