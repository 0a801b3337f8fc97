import CCurl
import Glibc

/// URLs as requests need them, with libcurl's own reading of them, so that what is judged is what is asked for
/// (libcurl-url(3)).
enum RequestURL {
    /// What a program gives as a request's URL, as it is asked for.
    static func read(
        _ bytes: UnsafeRawBufferPointer, base: String?, query: String
    ) throws(HTTPClientError) -> String {
        if base == nil, query.isEmpty, isPlain(bytes) { return String(decoding: bytes, as: UTF8.self) }
        if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw HTTPClientError(.invalid, "URL: a control character is in it (percent-encode it: %0A)")
        }
        return try make(encode(bytes), base: base, query: query)
    }

    /// The same of a text's bytes.
    static func read(_ bytes: [UInt8], base: String?, query: String) throws(HTTPClientError) -> String {
        let result: Result<String, HTTPClientError> = bytes.withUnsafeBytes { bytes in
            do throws(HTTPClientError) { return .success(try read(bytes, base: base, query: query)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The URL of a request: `text`, which may be relative to `base`, with `query` appended to what it asks for.
    /// - Parameter query: encoded already: "a=1&b=2".
    /// - Throws: `.invalid` for what is no http or https URL.
    static func make(_ text: String, base: String?, query: String = "") throws(HTTPClientError) -> String {
        guard let parsed = ccurl_url() else { throw HTTPClientError(.memory, "not enough memory") }
        defer { ccurl_url_cleanup(parsed) }
        let subject = "URL '\(withoutPassword(text))'"
        if let base {
            try set(parsed, CURLUPART_URL, base, "base URL '\(withoutPassword(base))'")
        } else if !hasScheme(text) {
            throw HTTPClientError(
                .invalid, "\(subject): expected one that begins with http:// or https://, or a base_url")
        }
        // libcurl would take "javascript:x" as a path.
        if let scheme = scheme(of: text) {
            let rest = text.dropFirst(scheme.count)
            if !isHTTP(scheme) || !rest.hasPrefix("://") || rest.hasPrefix(":///") {
                throw HTTPClientError(.invalid, "\(subject): expected http:// or https://, and a host")
            }
        }
        try set(parsed, CURLUPART_URL, text, subject)
        if !query.isEmpty {
            let status = ccurl_url_set(parsed, CURLUPART_QUERY, query, UInt32(CURLU_APPENDQUERY))
            if status != CURLUE_OK { throw fault(status, "params of \(subject)") }
        }
        let scheme = try get(parsed, CURLUPART_SCHEME, 0, subject)
        guard isHTTP(scheme) else { throw HTTPClientError(.invalid, "\(subject): expected http:// or https://") }
        return try get(parsed, CURLUPART_URL, 0, subject)
    }

    // MARK: Text

    /// Bytes that stand in URLs as they are, beside letters and digits; "%" because it escapes.
    private static let plain: [Bool] = (0..<256).map { byte in
        byte > 0x20 && byte < 0x7F && !"\"<>\\^`{|}".utf8.contains(UInt8(byte))
    }

    /// Whether the bytes are an absolute URL that libcurl needs no help with.
    static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.starts(with: "http://".utf8) || bytes.starts(with: "https://".utf8) else { return false }
        let start = bytes[4] == UInt8(ascii: "s") ? 8 : 7
        guard bytes.count > start, bytes[start] != UInt8(ascii: "/") else { return false }
        return bytes.allSatisfy { plain[Int($0)] && $0 != UInt8(ascii: "@") }
    }

    /// Bytes as a URL: what may not stand in one is escaped, but for the host, whose name is made ASCII.
    static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        let host = hostRange(bytes)
        var text: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if host.contains(index) {
                if index == host.lowerBound { text += asciiHost(bytes[host]) }
            } else if plain[Int(byte)] {
                text.append(byte)
            } else {
                FormEncoding.appendEscape(of: byte, to: &text)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// User, host and port, as given, but for the host's name.
    private static func asciiHost(_ bytes: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
        let start = bytes.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? bytes.startIndex
        let end = bytes[start...].lastIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        guard bytes[start..<end].contains(where: { $0 >= 0x80 }),
            let name = String(validating: bytes[start..<end], as: UTF8.self), let host = Punycode.host(name)
        else { return Array(bytes) }
        return Array(bytes[..<start]) + Array(host.utf8) + Array(bytes[end...])
    }

    /// Bytes as a query: what may not stand in one is escaped.
    static func encodeQuery(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            if plain[Int(byte)], byte != UInt8(ascii: "#") {
                text.append(byte)
            } else {
                FormEncoding.appendEscape(of: byte, to: &text)
            }
        }
        return text
    }

    /// Between the first "//", if no "/", "?" or "#" is before it, and the next of these.
    private static func hostRange(_ bytes: UnsafeRawBufferPointer) -> Range<Int> {
        func isEnd(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
        }
        guard let slash = bytes.firstIndex(where: isEnd), bytes[slash...].starts(with: "//".utf8) else { return 0..<0 }
        return slash + 2..<(bytes[(slash + 2)...].firstIndex(where: isEnd) ?? bytes.count)
    }

    /// What is before the first ":", if that is how a scheme is written (RFC 3986 §3.1).
    private static func scheme(of text: String) -> Substring? {
        guard let colon = text.firstIndex(of: ":"), text.first?.isLetter == true else { return nil }
        let name = text[..<colon]
        return name.utf8.allSatisfy(isOfScheme) ? name : nil
    }

    private static func hasScheme(_ text: String) -> Bool { scheme(of: text) != nil }

    private static func isOfScheme(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// An https URL; the scheme in any case (RFC 3986 §3.1).
    static func isSecure(_ url: String) -> Bool {
        url.utf8.withContiguousStorageIfAvailable { bytes in
            bytes.count > 6 && bytes[5] == UInt8(ascii: ":") && bytes[4] | 0x20 == UInt8(ascii: "s")
        } ?? url.lowercased().hasPrefix("https:")
    }

    private static func isHTTP(_ scheme: some StringProtocol) -> Bool {
        ["http", "https"].contains(scheme.lowercased())
    }

    // MARK: Parts

    /// Where a request goes: what decides whether credentials may follow.
    struct Origin: Equatable {
        var scheme: String
        var host: String
        var port: String
        /// Path and query.
        var target: String

        /// Of an absolute URL; nil for one that cannot be read.
        init?(_ url: String) {
            guard let parsed = ccurl_url() else { return nil }
            defer { ccurl_url_cleanup(parsed) }
            do {
                try RequestURL.set(parsed, CURLUPART_URL, url, "")
                scheme = try RequestURL.get(parsed, CURLUPART_SCHEME, 0, "")
                host = try RequestURL.get(parsed, CURLUPART_HOST, 0, "").lowercased()
                port = try RequestURL.get(parsed, CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT), "")
                target = try RequestURL.get(parsed, CURLUPART_PATH, 0, "")
            } catch {
                return nil
            }
            if let query = try? RequestURL.get(parsed, CURLUPART_QUERY, 0, "") { target += "?" + query }
        }

        /// Scheme, host and port are the same (RFC 6454 §5).
        func isSame(as other: Origin) -> Bool {
            scheme == other.scheme && host == other.host && port == other.port
        }

        /// The same origin, or the same host by TLS in place of plain text.
        func mayGetSecrets(of other: Origin) -> Bool {
            guard host == other.host else { return false }
            return scheme == other.scheme && port == other.port
                || other.scheme == "http" && other.port == "80" && scheme == "https" && port == "443"
        }

        /// As the field Host says it.
        var authority: String { (scheme == "http" ? "80" : "443") == port ? host : "\(host):\(port)" }
    }

    /// Takes user and password out of an absolute URL; nil when it has none.
    static func takeUser(from url: inout String) throws(HTTPClientError) -> Authentication? {
        guard url.utf8.contains(UInt8(ascii: "@")), let parsed = ccurl_url() else { return nil }
        defer { ccurl_url_cleanup(parsed) }
        let subject = "URL '\(withoutPassword(url))'"
        try set(parsed, CURLUPART_URL, url, subject)
        guard (try? get(parsed, CURLUPART_USER, 0, "")) != nil || (try? get(parsed, CURLUPART_PASSWORD, 0, "")) != nil
        else { return nil }
        let decoded = UInt32(CURLU_URLDECODE)
        let user = try decodedPart(parsed, CURLUPART_USER, decoded, CURLUE_NO_USER, "user in \(subject)")
        let password = try decodedPart(
            parsed, CURLUPART_PASSWORD, decoded, CURLUE_NO_PASSWORD, "password in \(subject)")
        ccurl_url_set(parsed, CURLUPART_USER, nil, 0)
        ccurl_url_set(parsed, CURLUPART_PASSWORD, nil, 0)
        url = try get(parsed, CURLUPART_URL, 0, subject)
        return .basic(user: user, password: password)
    }

    private static func decodedPart(
        _ parsed: OpaquePointer, _ part: CURLUPart, _ flags: UInt32, _ absent: CURLUcode, _ subject: String
    ) throws(HTTPClientError) -> String {
        var text: UnsafeMutablePointer<CChar>?
        let status = ccurl_url_get(parsed, part, &text, flags)
        if status == absent { return "" }
        guard status == CURLUE_OK, let text else { throw fault(status, subject) }
        defer { ccurl_free(text) }
        return String(cString: text)
    }

    /// The URL without its user and password, for messages.
    static func withoutPassword(_ url: String) -> String {
        var text = url
        let hasSign = text.withUTF8 { bytes in bytes.baseAddress.map { memchr($0, 64, bytes.count) != nil } ?? false }
        guard hasSign else { return url }
        // As libcurl finds it: behind any slashes after the scheme, up to the last "@" before the path.
        var start = url.startIndex
        if let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix(":/") { start = url.index(after: colon) }
        start = url[start...].firstIndex { $0 != "/" && $0 != "\\" } ?? url.endIndex
        let rest = url[start...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard let sign = rest[..<end].lastIndex(of: "@") else { return url }
        return String(url[..<start]) + rest[rest.index(after: sign)...]
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
}
