/// Finds fields by name; the same for requests and responses.
enum FieldLookup {
    /// The index of the first of `fields` called `lowercaseName`, in any case, from field number `first` on, or nil.
    ///
    /// `bytes` are those that were parsed.
    static func index(
        ofName lowercaseName: UnsafeRawBufferPointer, among fields: UnsafeBufferPointer<HeaderField>,
        in bytes: UnsafeRawBufferPointer, from first: Int
    ) -> Int? {
        guard let base = bytes.baseAddress, let wanted = lowercaseName.baseAddress, let storage = fields.baseAddress
        else { return nil }
        var index = first
        next: while index < fields.count {
            let name = storage[index].name
            index &+= 1
            guard Int(name.count) == lowercaseName.count else { continue }
            precondition(Int(name.start) + Int(name.count) <= bytes.count, "bytes must be those that were parsed")
            for offset in 0..<lowercaseName.count {
                if lowercased(base.byte(Int(name.start) &+ offset)) != wanted.byte(offset) { continue next }
            }
            return index &- 1
        }
        return nil
    }
}
