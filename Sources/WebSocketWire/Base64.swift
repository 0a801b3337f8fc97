/// Base64 with padding (RFC 4648 §4), as handshake keys are written.
enum Base64 {
    /// The text for `bytes`.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            // Three bytes, zeros for those that are missing, give four digits; digits of nothing but missing bytes are "=".
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for place in 0..<4 {
                let digit = UInt8(bits >> UInt32(18 - 6 * place) & 0x3F)
                text.append(place <= group.count ? character(digit) : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether `byte` is one of the 64 digits.
    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2B, 0x2F: true
        default: false
        }
    }

    private static func character(_ digit: UInt8) -> UInt8 {
        switch digit {
        case 0..<26: 0x41 + digit
        case 26..<52: 0x61 + digit - 26
        case 52..<62: 0x30 + digit - 52
        case 62: 0x2B
        default: 0x2F
        }
    }
}
