/// Field values that are comma lists (RFC 9110 §5.6.1).
public enum FieldList {
    /// The next item of the list between `index` and `end`, without the white space around it, or nil at its end;
    /// moves `index` behind it. Empty items are skipped (RFC 9110 §5.6.1.2).
    ///
    /// Knows no quoted strings: only for lists of tokens. Traps if `index` or `end` lies outside `bytes`.
    public static func nextItem(_ bytes: UnsafeRawBufferPointer, _ index: inout Int, _ end: Int) -> ByteRange? {
        precondition(index >= 0 && index <= end && end <= bytes.count, "a list lies inside its bytes")
        guard let base = bytes.baseAddress else { return nil }
        return nextItem(base, &index, end)
    }

    /// Whether `bytes` are a token (RFC 9110 §5.6.2): one character or more, none of them a delimiter.
    public static func isToken(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return false }
        for offset in 0..<bytes.count where !ByteSet.token.contains(base.byte(offset)) { return false }
        return true
    }

    /// The next item, for callers that have checked the bounds.
    static func nextItem(_ base: UnsafeRawPointer, _ index: inout Int, _ end: Int) -> ByteRange? {
        while index < end, isWhitespace(base.byte(index)) || base.byte(index) == ASCII.comma { index &+= 1 }
        guard index < end else { return nil }
        let first = index
        while index < end, base.byte(index) != ASCII.comma { index &+= 1 }
        var last = index
        while last > first, isWhitespace(base.byte(last &- 1)) { last &-= 1 }
        return ByteRange(from: first, to: last)
    }
}
