/// Percent-encoding of URI text (RFC 3986 §2.1), on raw bytes: what comes out need not be UTF-8.
public enum PercentCoding {
    /// Appends the decoded form of `bytes` to `output`; false at the first `%` that two hexadecimal digits do not follow.
    ///
    /// For paths, where a malformed escape makes the whole request bad. After false, `output` holds what
    /// was decoded before the fault. `+` is an ordinary character here.
    public static func decode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> Bool {
        var index = 0
        while index < bytes.count {
            guard bytes[index] == percent else {
                output.append(bytes[index])
                index += 1
                continue
            }
            guard let byte = escapedByte(in: bytes, at: index) else { return false }
            output.append(byte)
            index += 3
        }
        return true
    }

    /// Appends the decoded form of one form-encoded name or value to `output`.
    ///
    /// `+` is a space, and a malformed escape stays as it stands: the URL Standard §5.1 and its
    /// percent-decode (§1.3) know no errors.
    public static func decodeForm(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == percent, let decoded = escapedByte(in: bytes, at: index) {
                output.append(decoded)
                index += 3
            } else {
                output.append(byte == plus ? space : byte)
                index += 1
            }
        }
    }

    /// Appends `bytes` to `output` with everything but unreserved characters (RFC 3986 §2.3) escaped, in upper-case hexadecimal.
    public static func encode(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        for byte in bytes {
            if isUnreserved(byte) {
                output.append(byte)
            } else {
                output.append(percent)
                output.append(upperHexDigit(byte >> 4))
                output.append(upperHexDigit(byte & 0x0F))
            }
        }
    }

    /// The byte that the escape starting at `index` (which holds `%`) stands for, or nil when it is malformed.
    @inline(__always)
    static func escapedByte(in bytes: UnsafeRawBufferPointer, at index: Int) -> UInt8? {
        guard index + 2 < bytes.count else { return nil }
        let high = hexValue(bytes[index + 1])
        let low = hexValue(bytes[index + 2])
        guard high < 16, low < 16 else { return nil }
        return high << 4 | low
    }

    /// 0–15, or 255 for a byte that is no hexadecimal digit.
    @inline(__always)
    private static func hexValue(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39: return byte - 0x30
        case 0x41...0x46: return byte - 0x41 + 10
        case 0x61...0x66: return byte - 0x61 + 10
        default: return 255
        }
    }

    private static func upperHexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x41 + nibble - 10
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): return true
        default: return false
        }
    }

    static let percent = UInt8(ascii: "%")
    private static let plus = UInt8(ascii: "+")
    private static let space = UInt8(ascii: " ")
}
