extension RequestParser {
    /// RFC 9110 §10.1.1: anything but 100-continue cannot be met.
    mutating func noteExpect(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        var index = start
        while let item = nextItem(base, &index, end) {
            guard item.count == 12, (base + Int(item.start)).spellsIgnoringCase("100-continue") else {
                throw RequestError(417, "expect: only 100-continue can be met")
            }
            notes.expectsContinue = true
        }
    }

    /// RFC 9110 §7.6.1: options unknown here are nobody's business here.
    mutating func noteConnection(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) {
        var index = start
        while let item = nextItem(base, &index, end) {
            let option = base + Int(item.start)
            switch item.count {
            case 5 where option.spellsIgnoringCase("close"): notes.close = true
            case 7 where option.spellsIgnoringCase("upgrade"): notes.connectionUpgrade = true
            case 10 where option.spellsIgnoringCase("keep-alive"): notes.keepAlive = true
            default: break
            }
        }
    }

    /// The next item of a comma list from `index` on, without the white space around it; empty items are skipped
    /// (RFC 9110 §5.6.1.2).
    private func nextItem(_ base: UnsafeRawPointer, _ index: inout Int, _ end: Int) -> ByteRange? {
        while index < end, isWhitespace(base.byte(index)) || base.byte(index) == ASCII.comma { index &+= 1 }
        guard index < end else { return nil }
        let first = index
        while index < end, base.byte(index) != ASCII.comma { index &+= 1 }
        var last = index
        while last > first, isWhitespace(base.byte(last &- 1)) { last &-= 1 }
        return ByteRange(from: first, to: last)
    }
}
