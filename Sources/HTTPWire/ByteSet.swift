/// A set of ASCII characters: one bit in a table of all bytes.
///
/// The table is a literal, whose address the compiler knows: a table global would be reached through a lazy initialiser
/// in debug. A look is a load and a test, which words of bits take twice as many instructions for.
struct ByteSet {
    /// The members' bit.
    let bit: UInt8

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool { ByteSet.table[Int(byte)] & bit != 0 }

    /// For each byte the sets that it is a member of; sixteen bytes a line, none of them from 0x80 up.
    @inline(__always)
    private static var table: UnsafePointer<UInt8> {
        let bits: StaticString = """
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\u{33}\0\u{01}\u{33}\u{21}\u{33}\u{33}\u{32}\u{32}\u{33}\u{33}\u{32}\u{33}\u{37}\u{30}\
            \u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{34}\u{32}\0\u{32}\0\u{20}\
            \u{30}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\
            \u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{30}\u{20}\u{30}\u{31}\u{33}\
            \u{21}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{3f}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\
            \u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{33}\u{20}\u{31}\u{20}\u{33}\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
            \0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0
            """
        return bits.utf8Start
    }

    /// tchar of RFC 9110 §5.6.2: letters, digits and ``!#$%&'*+-.^_`|~``.
    @inline(__always)
    static var token: ByteSet { ByteSet(bit: 0x01) }

    /// What a registered name may hold beside percent-encoding (RFC 3986 §3.2.2): unreserved and sub-delims.
    @inline(__always)
    static var registeredName: ByteSet { ByteSet(bit: 0x02) }

    /// Hexadecimal digits, `:` and `.`: what an IPv6 address is written with (RFC 3986 §3.2.2).
    @inline(__always)
    static var addressLiteral: ByteSet { ByteSet(bit: 0x04) }

    /// Hexadecimal digits.
    @inline(__always)
    static var hexDigit: ByteSet { ByteSet(bit: 0x08) }

    /// pchar and `/` of RFC 3986 §3.3 without `%`, and `[ ] ^ |`, which browsers send as they are.
    @inline(__always)
    static var path: ByteSet { ByteSet(bit: 0x10) }

    /// Query characters of RFC 3986 §3.4, a bare `%`, and ``[ ] ^ | ` { } \``, which browsers send as they are
    /// (the query percent-encode set of the WHATWG URL standard).
    @inline(__always)
    static var query: ByteSet { ByteSet(bit: 0x20) }
}
