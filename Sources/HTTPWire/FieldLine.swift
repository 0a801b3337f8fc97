/// The reading of one header line, the same in requests and responses (RFC 9112 §5).
struct FieldLine {
    /// Offset behind the name, which begins with the line.
    let nameEnd: Int
    /// Where the value begins and ends, without the white space around it.
    let valueStart: Int
    let valueEnd: Int

    /// Reads the line between `start` and `end`, its line end not included.
    @inline(__always)
    init(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(FieldFault) {
        var nameEnd = start
        while nameEnd < end, ByteSet.token.contains(base.byte(nameEnd)) { nameEnd &+= 1 }
        guard nameEnd > start, nameEnd < end, base.byte(nameEnd) == ASCII.colon else {
            throw FieldLine.badName(base, start, nameEnd, end)
        }
        guard base.firstControl(from: nameEnd &+ 1, to: end) == end else {
            throw FieldFault("field value: control character; send visible characters, spaces and tabs")
        }
        var valueStart = nameEnd &+ 1
        while valueStart < end, isWhitespace(base.byte(valueStart)) { valueStart &+= 1 }
        var valueEnd = end
        while valueEnd > valueStart, isWhitespace(base.byte(valueEnd &- 1)) { valueEnd &-= 1 }
        self.nameEnd = nameEnd
        self.valueStart = valueStart
        self.valueEnd = valueEnd
    }

    /// The fault of a line that does not begin with a name and a colon.
    @inline(never)
    private static func badName(_ base: UnsafeRawPointer, _ start: Int, _ nameEnd: Int, _ end: Int) -> FieldFault {
        if isWhitespace(base.byte(start)) {
            // RFC 9112 §5.2 and, before the first field, §2.2.
            return FieldFault("header line: begins with white space; send each field on one line")
        }
        if nameEnd < end, isWhitespace(base.byte(nameEnd)) {
            return FieldFault("field name: white space before the colon; send none")
        }
        return FieldFault("field name: expected a token and a colon")
    }
}
