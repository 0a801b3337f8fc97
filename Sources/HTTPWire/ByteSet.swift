/// A set of ASCII characters held in two words.
///
/// Two immediate words instead of a 256-byte table: a table global would be reached through a lazy
/// initialiser in debug and costs a cache line; this is a shift and a mask.
struct ByteSet {
    /// Members 0–63, bit by bit.
    let low: UInt64
    /// Members 64–127, bit by bit.
    let high: UInt64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let word = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && (word &>> UInt64(byte & 0x3F)) & 1 != 0
    }

    /// tchar of RFC 9110 §5.6.2: letters, digits and ``!#$%&'*+-.^_`|~``.
    @inline(__always)
    static var token: ByteSet { ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE) }

    /// What a registered name may hold beside percent-encoding (RFC 3986 §3.2.2): unreserved and sub-delims.
    @inline(__always)
    static var registeredName: ByteSet { ByteSet(low: 0x2BFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE) }

    /// Hexadecimal digits, `:` and `.`: what an IPv6 address is written with (RFC 3986 §3.2.2).
    @inline(__always)
    static var addressLiteral: ByteSet { ByteSet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E) }

    /// Hexadecimal digits.
    @inline(__always)
    static var hexDigit: ByteSet { ByteSet(low: 0x03FF_0000_0000_0000, high: 0x0000_007E_0000_007E) }

    /// pchar and `/` of RFC 3986 §3.3 without `%`, and `[ ] ^ |`, which browsers send as they are.
    @inline(__always)
    static var path: ByteSet { ByteSet(low: 0x2FFF_FFD2_0000_0000, high: 0x57FF_FFFE_EFFF_FFFF) }

    /// Query characters of RFC 3986 §3.4, a bare `%`, and ``[ ] ^ | ` { } \``, which browsers send as they are
    /// (the query percent-encode set of the WHATWG URL standard).
    @inline(__always)
    static var query: ByteSet { ByteSet(low: 0xAFFF_FFF2_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF) }
}
