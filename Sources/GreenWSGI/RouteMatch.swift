/// What a route table says to a request.
public enum RouteMatch: Equatable, Sendable {
    /// The route with this index answers; its parameters are in the `RouteParameters` given to the match.
    case found(route: Int)
    /// `OPTIONS` on a path that has routes, none of which takes `OPTIONS`: answer 204 with `allow` as the `Allow` field's value.
    case options(allow: String)
    /// The path has routes, but none for this method: answer 405 with `allow` as the `Allow` field's value (RFC 9110 §15.5.6).
    case methodNotAllowed(allow: String)
    /// No route has this path.
    case notFound
    /// The path is malformed, or would have handed a handler something dangerous: answer 400.
    case badPath
}

/// The decoded parameters of one match, in path order; reused from match to match so that it stops allocating.
public struct RouteParameters: Sendable {
    /// The decoded bytes of all parameters, one after the other.
    @usableFromInline
    var bytes: [UInt8] = []
    /// Where each parameter ends in `bytes`.
    @usableFromInline
    var ends: [Int] = []

    /// An empty set.
    public init() {}

    /// How many parameters there are.
    public var count: Int { ends.count }

    /// The decoded bytes of the parameter at `index`, copied; they need not be UTF-8.
    public func value(at index: Int) -> [UInt8] {
        Array(bytes[range(at: index)])
    }

    /// Lends the decoded bytes of the parameter at `index` for the time of `body`, without a copy.
    @inlinable
    public func withUnsafeBytes<Result>(at index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let range = range(at: index)
        return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Where the parameter at `index` stands in `bytes`.
    @usableFromInline
    func range(at index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    mutating func removeAll() {
        if ends.isEmpty, bytes.isEmpty { return }
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// Decodes one more parameter; false when its escapes are malformed or its text is unsafe to hand out.
    ///
    /// A `..` segment, also one made with `%2E` or `%2F`, escapes the directory a handler joins the text to, and
    /// a NUL ends the text early in every C function. No parameter ever holds either.
    mutating func append(decoding encoded: UnsafeRawBufferPointer) -> Bool {
        let start = bytes.count
        guard PercentCoding.decode(encoded, into: &bytes) else { return false }
        ends.append(bytes.count)
        return Self.isSafe(bytes[start...])
    }

    private static func isSafe(_ text: ArraySlice<UInt8>) -> Bool {
        var segmentLength = 0
        var dots = 0
        for byte in text {
            switch byte {
            case 0: return false
            case UInt8(ascii: "/"):
                if segmentLength == 2, dots == 2 { return false }
                segmentLength = 0
                dots = 0
            default:
                segmentLength += 1
                if byte == UInt8(ascii: ".") { dots += 1 }
            }
        }
        return segmentLength != 2 || dots != 2
    }
}
