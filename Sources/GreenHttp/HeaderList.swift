import CCurl
import HTTPWire

/// Header fields as libcurl takes them (CURLOPT_HTTPHEADER(3)).
enum HeaderList {
    typealias Field = (name: String, value: String)

    /// A list of these lines; nil for none. To be freed with `curl_slist_free_all`.
    static func make(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            // A failure leaves the list as it was; the field is missing then, in a process without memory.
            if let longer = ccurl_slist_append(list, line) { list = longer }
        }
        return list
    }

    /// "Name: value", and "Name;" for an empty value, as libcurl wants it.
    static func line(_ field: Field) -> String {
        field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
    }

    /// What is wrong with a field; nil when it may be sent (RFC 9110 §5.1 and §5.5).
    static func fault(_ field: Field) -> String? {
        let name = field.name.utf8
        if name.isEmpty || !name.allSatisfy(isToken) {
            return "header name \(quoted(field.name)): expected letters, digits or any of !#$%&'*+-.^_`|~"
        }
        if field.value.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) {
            return "header \(field.name): a line break or NUL is in its value"
        }
        return nil
    }

    static func quoted(_ text: String) -> String { "'\(text)'" }

    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    /// Whether two names are the same field's.
    static func isSame(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && one.lowercased() == other.lowercased()
    }

    /// The fields with those of `changes` in place of their namesakes; nil values take theirs out.
    static func merged(_ fields: [Field], _ changes: [(name: String, value: String?)]) -> [Field] {
        var result = fields.filter { field in !changes.contains { isSame($0.name, field.name) } }
        for change in changes { if let value = change.value { result.append((change.name, value)) } }
        return result
    }

    /// What must not follow a redirect to another host.
    static let secret = ["authorization", "cookie", "proxy-authorization"]
}
