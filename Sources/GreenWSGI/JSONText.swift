/// JSON strings (RFC 8259 §7) of bytes that nobody vouches for.
enum JSONText {
    /// Appends `bytes` as a quoted JSON string that is valid UTF-8 and shows nothing but printable text.
    ///
    /// Quotes, backslashes and control characters (C0, DEL and C1, which a terminal may obey) are escaped; each maximal
    /// part of an ill-formed sequence becomes one U+FFFD (Unicode 3.9, "U+FFFD Substitution of Maximal Subparts").
    static func appendString(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        var clean = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                index += 1
                continue
            }
            let sequence = byte < 0x80 ? Sequence(count: 1, isWellFormed: true) : sequence(in: bytes, at: index)
            let isC1 = sequence.count == 2 && byte == 0xC2 && bytes[index + 1] < 0xA0
            if byte >= 0x80, sequence.isWellFormed, !isC1 {
                index += sequence.count
                continue
            }
            output.append(contentsOf: bytes[clean..<index])
            if !sequence.isWellFormed {
                output.append(contentsOf: "\u{FFFD}".utf8)
            } else {
                appendEscape(isC1 ? bytes[index + 1] : byte, to: &output)
            }
            index += sequence.count
            clean = index
        }
        output.append(contentsOf: bytes[clean...])
        output.append(UInt8(ascii: "\""))
    }

    /// The lower-case hexadecimal digit for 0–15.
    static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
    }

    private struct Sequence {
        var count: Int
        var isWellFormed: Bool
    }

    /// The sequence that a byte from 0x80 up begins, by the table of well-formed UTF-8 (Unicode table 3-7).
    private static func sequence(in bytes: UnsafeRawBufferPointer, at index: Int) -> Sequence {
        let first = bytes[index]
        let length: Int
        var allowed: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0:
            length = 3
            allowed = 0xA0...0xBF
        case 0xED:
            length = 3
            allowed = 0x80...0x9F
        case 0xE1...0xEF: length = 3
        case 0xF0:
            length = 4
            allowed = 0x90...0xBF
        case 0xF4:
            length = 4
            allowed = 0x80...0x8F
        case 0xF1...0xF3: length = 4
        default: return Sequence(count: 1, isWellFormed: false)
        }
        for offset in 1..<length {
            guard index + offset < bytes.count, allowed.contains(bytes[index + offset]) else {
                return Sequence(count: offset, isWellFormed: false)
            }
            allowed = 0x80...0xBF
        }
        return Sequence(count: length, isWellFormed: true)
    }

    private static func appendEscape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            output.append(contentsOf: "u00".utf8)
            output.append(hexDigit(byte >> 4))
            output.append(hexDigit(byte & 0x0F))
        }
    }
}
