/// One name and value of a query string or form, decoded.
public struct QueryField: Equatable, Sendable {
    /// The decoded name; may be empty (`=value`).
    public var name: [UInt8]
    /// The decoded value; empty when there was no `=`.
    public var value: [UInt8]

    /// A field of already decoded bytes.
    public init(name: [UInt8], value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// Where one still encoded field stands in the bytes it was parsed from.
public struct QueryFieldRange: Equatable, Sendable {
    /// The encoded name.
    public var name: Range<Int>
    /// The encoded value; empty, and at the name's end, when there was no `=`.
    public var value: Range<Int>
}

/// The fields of an `application/x-www-form-urlencoded` text, in order, by the rules of the URL Standard §5.1.
///
/// Fields are separated by `&` (never by `;`), empty ones are skipped, a field is split at its first `=`,
/// `+` is a space, and malformed escapes stay as they are. It reads the caller's bytes, which have to stay
/// where they are while it is in use. `nextRange()` walks without decoding and without allocating.
public struct QueryString: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    /// Reads `bytes`: a query without its `?`, or a form body.
    public init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next field, decoded; nil at the end.
    public mutating func next() -> QueryField? {
        guard let range = nextRange() else { return nil }
        return QueryField(name: decoded(range.name), value: decoded(range.value))
    }

    /// Where the next field stands, without decoding it; nil at the end.
    public mutating func nextRange() -> QueryFieldRange? {
        while position < bytes.count {
            let start = position
            var equals = -1
            while position < bytes.count, bytes[position] != UInt8(ascii: "&") {
                if equals < 0, bytes[position] == UInt8(ascii: "=") { equals = position }
                position += 1
            }
            let end = position
            position += 1
            if start == end { continue }
            if equals < 0 { return QueryFieldRange(name: start..<end, value: end..<end) }
            return QueryFieldRange(name: start..<equals, value: equals + 1..<end)
        }
        return nil
    }

    /// The decoded value of the first field from here on whose decoded name is `name`; nil when there is none.
    ///
    /// Decodes names only while they are compared, so that fields that are not asked for cost no allocation.
    public func firstValue(of name: StaticString) -> [UInt8]? {
        var rest = self
        while let range = rest.nextRange() {
            if isName(name, at: range.name) { return decoded(range.value) }
        }
        return nil
    }

    private func decoded(_ range: Range<Int>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(range.count)
        PercentCoding.decodeForm(UnsafeRawBufferPointer(rebasing: bytes[range]), into: &output)
        return output
    }

    private func isName(_ name: StaticString, at range: Range<Int>) -> Bool {
        name.withUTF8Buffer { wanted in
            var index = range.lowerBound
            for byte in wanted {
                guard index < range.upperBound else { return false }
                var found = bytes[index]
                // What ends a name is no hexadecimal digit, so that an escape cannot reach beyond it.
                if found == PercentCoding.percent, let escaped = PercentCoding.escapedByte(in: bytes, at: index) {
                    found = escaped
                    index += 2
                } else if found == UInt8(ascii: "+") {
                    found = UInt8(ascii: " ")
                }
                guard found == byte else { return false }
                index += 1
            }
            return index == range.upperBound
        }
    }
}
