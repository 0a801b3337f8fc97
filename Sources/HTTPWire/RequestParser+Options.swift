extension RequestParser {
    /// RFC 9110 §10.1.1: anything but 100-continue cannot be met.
    mutating func noteExpect(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        var index = start
        while let item = FieldList.nextItem(base, &index, end) {
            guard item.count == 12, (base + Int(item.start)).spellsIgnoringCase("100-continue") else {
                throw RequestError(417, "expect: only 100-continue can be met")
            }
            notes.expectsContinue = true
        }
    }
}
