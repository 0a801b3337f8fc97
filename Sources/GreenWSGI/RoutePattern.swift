/// A route's text, taken apart: `"GET /users/:id"`, `"GET,POST /form"`, `"/files/*path"` (any method).
///
/// The path's segments are literal text, `:name` (one segment of at least one byte) or, as the last one,
/// `*name` (all that is left, slashes included, possibly nothing). Literal text may be written as it is
/// (`/café`) or percent-encoded (`/caf%C3%A9`, `/%3Aid` for a literal `:id`); both mean the same bytes.
public struct RoutePattern: Equatable, Sendable {
    /// One part of a path between slashes.
    public enum Segment: Equatable, Sendable {
        /// Decoded bytes that have to be there.
        case literal([UInt8])
        /// One segment of any text, at least one byte.
        case parameter(String)
        /// All that is left of the path, slashes included, possibly nothing.
        case rest(String)
    }

    /// The text it was made from.
    public let text: String
    /// The methods it answers, as written and in that order; empty means any.
    public let methods: [String]
    /// The path's segments; a path that ends in a slash ends in an empty literal.
    public let segments: [Segment]

    /// The names of its parameters, in path order.
    public var parameterNames: [String] {
        segments.compactMap { segment in
            switch segment {
            case .literal: nil
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    /// Takes a route's text apart; throws `.badRoute` saying what is wrong in it.
    public init(_ text: String) throws(WSGIError) {
        let bytes = Array(text.utf8)
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else {
            throw Self.bad(text, "has no path (expected 'METHOD /path' or '/path')")
        }
        self.text = text
        methods = try Self.methods(bytes[..<slash], of: text)
        segments = try Self.segments(bytes[(slash + 1)...], of: text)
    }

    private static func methods(_ prefix: ArraySlice<UInt8>, of text: String) throws(WSGIError) -> [String] {
        guard let last = prefix.last else { return [] }
        guard last == UInt8(ascii: " ") else {
            throw bad(text, "has no space between method and path (expected 'METHOD /path')")
        }
        var methods: [String] = []
        for part in prefix.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            let name = trimmed(part)
            let shown = String(decoding: name, as: UTF8.self)
            guard !name.isEmpty, name.allSatisfy(isMethodByte) else {
                throw bad(
                    text, "has the method '\(shown)' (expected upper-case names such as GET, separated by commas)")
            }
            guard !methods.contains(shown) else { throw bad(text, "names the method \(shown) twice") }
            methods.append(shown)
        }
        return methods
    }

    private static func segments(_ path: ArraySlice<UInt8>, of text: String) throws(WSGIError) -> [Segment] {
        var segments: [Segment] = []
        var names: [String] = []
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let segment = try segment(part, of: text)
            switch segment {
            case .literal: break
            case .parameter(let name), .rest(let name):
                guard !names.contains(name) else { throw bad(text, "uses the parameter name '\(name)' twice") }
                names.append(name)
            }
            if case .rest(let name) = segment, index != parts.count - 1 {
                throw bad(text, "goes on after '*\(name)' (expected a wildcard to be the last segment)")
            }
            segments.append(segment)
        }
        return segments
    }

    private static func segment(_ part: ArraySlice<UInt8>, of text: String) throws(WSGIError) -> Segment {
        let shown = String(decoding: part, as: UTF8.self)
        switch part.first {
        case UInt8(ascii: ":"):
            return .parameter(try parameterName(part.dropFirst(), in: shown, of: text))
        case UInt8(ascii: "*"):
            return .rest(try parameterName(part.dropFirst(), in: shown, of: text))
        default:
            break
        }
        for byte in part {
            switch byte {
            case 0...0x20, 0x7F:
                throw bad(
                    text, "has a space or control character in '\(shown)' (expected it percent-encoded, such as %20)")
            case UInt8(ascii: "?"), UInt8(ascii: "#"):
                throw bad(
                    text,
                    "has a query or fragment in '\(shown)' (expected a path only; write %3F or %23 for the character)")
            case UInt8(ascii: "*"):
                throw bad(
                    text,
                    "has a '*' inside '\(shown)' (expected it first in the last segment; write %2A for the character)")
            default:
                break
            }
        }
        var literal: [UInt8] = []
        guard part.withUnsafeBytes({ PercentCoding.decode($0, into: &literal) }) else {
            throw bad(
                text,
                "has a broken escape in '\(shown)' (expected '%' and two hexadecimal digits; write %25 for the character)"
            )
        }
        return .literal(literal)
    }

    private static func parameterName(
        _ name: ArraySlice<UInt8>, in segment: String, of text: String
    ) throws(WSGIError) -> String {
        let startsWithDigit = name.first.map { (0x30...0x39).contains($0) } ?? true
        guard !startsWithDigit, name.allSatisfy(isNameByte) else {
            throw bad(
                text,
                "has the parameter '\(segment)' (expected a name of letters, digits and '_' that starts with no digit)")
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func trimmed(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let start = part.drop { $0 == UInt8(ascii: " ") }
        guard let end = start.lastIndex(where: { $0 != UInt8(ascii: " ") }) else { return [] }
        return start[...end]
    }

    /// The characters of every registered method name. Lower case is refused because methods are
    /// case-sensitive (RFC 9110 §9.1) and a route for `get` would silently never match; `*` because it is not "any".
    private static func isMethodByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"): return true
        default: return false
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, UInt8(ascii: "_"): return true
        default: return false
        }
    }

    private static func bad(_ text: String, _ problem: String) -> WSGIError {
        WSGIError(.badRoute, "route '\(text)' \(problem)")
    }
}
