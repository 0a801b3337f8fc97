/// Where one header field of a message lies in the bytes given to the parser.
public struct HeaderField: Sendable, Equatable {
    /// The field's name as it was sent: one or more token characters (RFC 9110 §5.1), in any case.
    public var name: ByteRange
    /// The field's value without the white space around it (RFC 9112 §5.1); may be empty.
    public var value: ByteRange

    /// A field whose name and value lie at these ranges.
    @inlinable
    public init(name: ByteRange, value: ByteRange) {
        self.name = name
        self.value = value
    }
}
