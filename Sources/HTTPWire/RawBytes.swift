/// The looks at raw bytes that the parsers share. All read inside the counts they are given.
extension UnsafeRawPointer {
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 { load(fromByteOffset: offset, as: UInt8.self) }

    @inline(__always)
    func word(_ offset: Int) -> UInt64 { loadUnaligned(fromByteOffset: offset, as: UInt64.self) }

    /// Whether the bytes here are those of `text`, case-sensitively. The caller has checked the count.
    @inline(__always)
    func spells(_ text: StaticString) -> Bool {
        let expected = text.utf8Start
        for index in 0..<text.utf8CodeUnitCount where byte(index) != expected[index] { return false }
        return true
    }

    /// Whether the bytes here are those of the lowercase `text`, in any ASCII case. The caller has checked the count.
    @inline(__always)
    func spellsIgnoringCase(_ text: StaticString) -> Bool {
        let expected = text.utf8Start
        for index in 0..<text.utf8CodeUnitCount where lowercased(byte(index)) != expected[index] { return false }
        return true
    }

    /// Offset of the first control character other than HTAB in `start..<end`, or `end` (RFC 9110 §5.5).
    ///
    /// Looks at eight bytes at once; octets from 0x80 up are obs-text and allowed.
    @inline(__always)
    func firstControl(from start: Int, to end: Int) -> Int {
        var index = start
        while index &+ 8 <= end {
            if holdsControl(word(index)) {
                for near in index..<(index &+ 8) where isControl(byte(near)) { return near }
            }
            index &+= 8
        }
        // What is left is looked at as the end of a whole word, if there is one.
        if index < end, end &- start >= 8, !holdsControl(word(end &- 8)) { return end }
        while index < end {
            if isControl(byte(index)) { return index }
            index &+= 1
        }
        return end
    }

    /// Whether there may be a control character other than HTAB among eight bytes; no says that there is none.
    @inline(__always)
    private func holdsControl(_ value: UInt64) -> Bool {
        // A byte below 0x20 borrows into its top bit, a DEL becomes 0 and borrows too. Borrows can
        // only raise false alarms above a true one.
        let below = (value &- 0x2020_2020_2020_2020) & ~value
        let delete = value ^ 0x7F7F_7F7F_7F7F_7F7F
        return (below | ((delete &- 0x0101_0101_0101_0101) & ~delete)) & 0x8080_8080_8080_8080 != 0
    }
}

/// `byte` with an ASCII capital made small.
@inline(__always)
func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

/// Whether `byte` is a control character that no field value may hold: all but HTAB (RFC 9110 §5.5).
@inline(__always)
func isControl(_ byte: UInt8) -> Bool { (byte < 0x20 && byte != 0x09) || byte == 0x7F }

/// Space or horizontal tab.
@inline(__always)
func isWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// ASCII characters that steer parsing.
enum ASCII {
    @inline(__always) static var tab: UInt8 { 0x09 }
    @inline(__always) static var lineFeed: UInt8 { 0x0A }
    @inline(__always) static var carriageReturn: UInt8 { 0x0D }
    @inline(__always) static var space: UInt8 { 0x20 }
    @inline(__always) static var quote: UInt8 { 0x22 }
    @inline(__always) static var percent: UInt8 { 0x25 }
    @inline(__always) static var asterisk: UInt8 { 0x2A }
    @inline(__always) static var comma: UInt8 { 0x2C }
    @inline(__always) static var slash: UInt8 { 0x2F }
    @inline(__always) static var zero: UInt8 { 0x30 }
    @inline(__always) static var colon: UInt8 { 0x3A }
    @inline(__always) static var semicolon: UInt8 { 0x3B }
    @inline(__always) static var equals: UInt8 { 0x3D }
    @inline(__always) static var questionMark: UInt8 { 0x3F }
    @inline(__always) static var at: UInt8 { 0x40 }
    @inline(__always) static var openBracket: UInt8 { 0x5B }
    @inline(__always) static var backslash: UInt8 { 0x5C }
    @inline(__always) static var closeBracket: UInt8 { 0x5D }
}
