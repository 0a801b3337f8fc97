import CCurl
import Glibc

/// URLs as requests need them, with libcurl's own reading of them, so that what is judged is what is asked for
/// (libcurl-url(3)).
enum RequestURL {
    /// The URL of a request: `text` resolved against `base`, with `query` pairs appended, form-encoded.
    static func make(
        _ text: String, base: String?, query: [(String, String)]
    ) throws(HTTPClientError) -> String {
        guard let parsed = ccurl_url() else { throw HTTPClientError(.memory, "not enough memory") }
        defer { ccurl_url_cleanup(parsed) }
        if let base { try set(parsed, CURLUPART_URL, base, "base URL '\(base)'") }
        try set(parsed, CURLUPART_URL, text, "URL '\(withoutPassword(text))'")
        let append = UInt32(ccurl_append_encoded())
        for (name, value) in query {
            // libcurl encodes what is left of the first "=" as well, and takes that one as it stands.
            let status = ccurl_url_set(parsed, CURLUPART_QUERY, "\(escapedName(name))=\(value)", append)
            if status != CURLUE_OK { throw fault(status, "query parameter '\(name)'") }
        }
        return try get(parsed, CURLUPART_URL, 0, "URL '\(withoutPassword(text))'")
    }

    /// Where a request goes: what decides whether credentials may follow.
    struct Origin: Equatable {
        var scheme: String
        var host: String
        var port: String

        /// Of an absolute URL; nil for one that cannot be read.
        init?(_ url: String) {
            guard let parsed = ccurl_url() else { return nil }
            defer { ccurl_url_cleanup(parsed) }
            do {
                try RequestURL.set(parsed, CURLUPART_URL, url, "")
                scheme = try RequestURL.get(parsed, CURLUPART_SCHEME, 0, "")
                host = try RequestURL.get(parsed, CURLUPART_HOST, 0, "").lowercased()
                port = try RequestURL.get(parsed, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT), "")
            } catch {
                return nil
            }
        }

        /// The same origin, or the same host by TLS in place of plain text.
        func mayGetSecrets(of other: Origin) -> Bool {
            self == other
                || host == other.host && other.scheme == "http" && other.port == "80" && scheme == "https"
                    && port == "443"
        }
    }

    /// The URL without its user and password, for messages.
    static func withoutPassword(_ url: String) -> String {
        var text = url
        let hasSign = text.withUTF8 { bytes in bytes.baseAddress.map { memchr($0, 64, bytes.count) != nil } ?? false }
        guard hasSign else { return url }
        guard let scheme = url.firstRange(of: "://") else { return url }
        let rest = url[scheme.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard let sign = rest[..<end].lastIndex(of: "@") else { return url }
        return String(url[..<scheme.upperBound]) + rest[rest.index(after: sign)...]
    }

    private static func set(
        _ parsed: OpaquePointer, _ part: CURLUPart, _ text: String, _ subject: String
    ) throws(HTTPClientError) {
        let status = ccurl_url_set(parsed, part, text, 0)
        if status != CURLUE_OK { throw fault(status, subject) }
    }

    private static func get(
        _ parsed: OpaquePointer, _ part: CURLUPart, _ flags: UInt32, _ subject: String
    ) throws(HTTPClientError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        let status = ccurl_url_get(parsed, part, &text, flags)
        guard status == CURLUE_OK, let text else { throw fault(status, subject) }
        defer { ccurl_free(text) }
        return String(cString: text)
    }

    private static func fault(_ status: CURLUcode, _ subject: String) -> HTTPClientError {
        HTTPClientError(.invalid, "\(subject): \(String(cString: ccurl_url_strerror(status)))")
    }

    /// A name whose own "=" must not end it.
    private static func escapedName(_ name: String) -> String {
        name.utf8.contains(UInt8(ascii: "=")) ? FormEncoding.encode(name) : name
    }
}
