extension RequestParser {
    /// The value of the first field called `lowercaseName`, in any case, or nil.
    ///
    /// `bytes` are those given to the last `parse`. Lists spread over several fields are not joined;
    /// use ``index(of:in:from:)`` to go through them.
    public func firstValue(of lowercaseName: StaticString, in bytes: UnsafeRawBufferPointer) -> ByteRange? {
        guard let index = index(of: lowercaseName, in: bytes, from: 0) else { return nil }
        return fields[index].value
    }

    /// The index of the first field called `lowercaseName`, in any case, from field number `first` on, or nil.
    public func index(
        of lowercaseName: StaticString, in bytes: UnsafeRawBufferPointer, from first: Int
    ) -> Int? {
        let name = UnsafeRawBufferPointer(start: lowercaseName.utf8Start, count: lowercaseName.utf8CodeUnitCount)
        return index(ofName: name, in: bytes, from: first)
    }

    /// The same as ``index(of:in:from:)`` for a name known only at run time; its capitals must have been made small.
    public func index(
        ofName lowercaseName: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer, from first: Int
    ) -> Int? {
        FieldLookup.index(ofName: lowercaseName, among: fields, in: bytes, from: first)
    }
}
