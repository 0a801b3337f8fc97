/// The fields that say where a message's body ends (RFC 9112 §6), read the same in requests and responses.
enum FramingField {
    /// Whether `name` is the framing field `expected`, of the same length.
    ///
    /// Refuses spellings with `_` for `-`: gateways that turn names into variables take them for the same field.
    @inline(__always)
    static func matches(_ name: UnsafeRawPointer, _ expected: StaticString) throws(FieldFault) -> Bool {
        let letters = expected.utf8Start
        var underscore = false
        for index in 0..<expected.utf8CodeUnitCount {
            var byte = lowercased(name.byte(index))
            if byte == 0x5F {
                byte = 0x2D
                underscore = true
            }
            if byte != letters[index] { return false }
        }
        if underscore { throw FieldFault("field name: underscore in a framing field; send a hyphen") }
        return true
    }

    /// The number between `start` and `end` (RFC 9110 §8.6): decimal digits, once.
    ///
    /// Signs, lists and leading zeros are ways to make readers disagree.
    static func contentLength(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(FieldFault) -> Int {
        guard end > start else { throw FieldFault("content-length: empty; expected decimal digits") }
        guard end &- start == 1 || base.byte(start) != ASCII.zero else {
            throw FieldFault("content-length: leading zero; expected a plain decimal number")
        }
        var length = 0
        for index in start..<end {
            let digit = base.byte(index) &- ASCII.zero
            guard digit < 10 else { throw FieldFault("content-length: expected decimal digits only") }
            guard length < Int.max / 10 else { throw FieldFault("content-length: number too large") }
            length = length &* 10 &+ Int(digit)
        }
        return length
    }

    /// What a Transfer-Encoding value asks for.
    enum Coding {
        case chunked
        /// A list of codings of which we know none, without chunked or with it at the end.
        case unsupported
        /// No list of codings, or one with chunked before another coding.
        case malformed
    }

    /// Reads the Transfer-Encoding value between `start` and `end` (RFC 9112 §6.1 and §7).
    @inline(__always)
    static func coding(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Coding {
        if end &- start == 7, (base + start).spellsIgnoringCase("chunked") { return .chunked }
        return otherCoding(base, start, end)
    }

    @inline(never)
    private static func otherCoding(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Coding {
        var index = start
        while true {
            while index < end, isWhitespace(base.byte(index)) { index &+= 1 }
            let first = index
            while index < end, ByteSet.token.contains(base.byte(index)) { index &+= 1 }
            guard index > first else { return .malformed }
            let isChunked = index &- first == 7 && (base + first).spellsIgnoringCase("chunked")
            while index < end, isWhitespace(base.byte(index)) { index &+= 1 }
            if index == end { return .unsupported }
            guard !isChunked, base.byte(index) == ASCII.comma else { return .malformed }
            index &+= 1
        }
    }
}
