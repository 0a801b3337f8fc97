import CCurl
import HTTPWire

/// Header fields as libcurl takes them (CURLOPT_HTTPHEADER(3)).
enum HeaderList {
    /// A name and what is sent for it; nil: nothing, not even what libcurl would send by itself.
    typealias Field = (name: String, value: String?)

    /// A list of these lines; nil for none. To be freed with `curl_slist_free_all`.
    static func make(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            // A failure leaves the list as it was; the field is missing then, in a process without memory.
            if let longer = ccurl_slist_append(list, line) { list = longer }
        }
        return list
    }

    /// "Name: value", "Name;" for an empty value, "Name:" for none, as libcurl wants it.
    static func line(_ field: Field) -> String {
        guard let value = field.value else { return "\(field.name):" }
        let isBlank = value.utf8.allSatisfy { $0 == 32 || $0 == 9 }
        return isBlank ? "\(field.name);" : "\(field.name): \(value)"
    }

    /// What is wrong with a field; nil when it may be sent (RFC 9110 §5.1 and §5.5).
    static func fault(_ field: Field) -> String? {
        if !isToken(field.name) {
            return "header name \(quoted(field.name)): expected letters, digits or any of !#$%&'*+-.^_`|~"
        }
        if let value = field.value, value.utf8.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7F }) {
            return "header \(field.name): a line break, NUL or other control character is in its value"
        }
        // They say where the message ends: two opinions on that are how requests are smuggled (RFC 9112 §11.2).
        if isSame(field.name, "transfer-encoding") || isSame(field.name, "content-length") {
            return
                "header \(field.name): follows from the body, give only that (Content-Length may be said of a body function)"
        }
        if isSame(field.name, "host"), field.value?.isEmpty ?? true {
            return "header Host: cannot be left out"
        }
        return nil
    }

    static func quoted(_ text: String) -> String { "'\(text)'" }

    /// A word, as methods and names of fields are (RFC 9110 §5.6.2).
    static func isToken(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isOfToken) }

    private static func isOfToken(_ byte: UInt8) -> Bool {
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

    /// Takes the values of the fields named Cookie out: they are sent in one field with the jar's (RFC 6265 §5.4).
    static func takeCookies(from fields: inout [Field]) -> String? {
        let values = fields.filter { isSame($0.name, "cookie") }.compactMap(\.value)
        if values.isEmpty { return nil }
        fields.removeAll { isSame($0.name, "cookie") }
        return values.joined(separator: "; ")
    }

    /// The fields with those of `changes` in place of their namesakes.
    static func merged(_ fields: [Field], _ changes: [Field]) -> [Field] {
        fields.filter { field in !changes.contains { isSame($0.name, field.name) } } + changes
    }
}
