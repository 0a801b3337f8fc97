import CCurl

/// Where a WebSocket is: a ws or wss URL (RFC 6455 §3), read by libcurl, which knows it as http or https.
struct WebSocketTarget {
    /// wss: by TLS.
    let isSecure: Bool
    /// Name or address; one of IPv6 in brackets.
    let host: String
    /// Host, and the port unless it is the scheme's default.
    let authority: String
    /// Path and query.
    let path: String
    /// Of the URL; not in `url`.
    let user: String?
    /// Of the URL.
    let password: String?

    /// What libcurl connects to.
    var connectURL: String { (isSecure ? "https://" : "http://") + authority + path }

    /// For people: without user and password.
    var url: String { (isSecure ? "wss://" : "ws://") + authority + path }

    /// The path without the query.
    var pathOnly: String { String(path.prefix { $0 != "?" }) }

    /// - Parameters:
    ///   - text: a ws, wss, http or https URL, or one relative to `base`.
    ///   - base: such a URL.
    /// - Throws: `.invalid` for what is no such URL, or has a fragment (RFC 6455 §3).
    init(_ text: String, base: String?) throws(HTTPClientError) {
        let subject = "WebSocket URL '\(RequestURL.withoutPassword(text))'"
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw HTTPClientError(.invalid, "\(subject): a control character is in it (percent-encode it: %0A)")
        }
        guard let parsed = ccurl_url() else { throw HTTPClientError(.memory, "not enough memory") }
        defer { ccurl_url_cleanup(parsed) }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard ccurl_url_get(parsed, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
            defer { ccurl_free(text) }
            return String(cString: text)
        }
        for url in [base, text] {
            guard let url else { continue }
            let status = ccurl_url_set(parsed, CURLUPART_URL, Self.asHTTP(url), 0)
            if status != CURLUE_OK {
                let problem = String(cString: ccurl_url_strerror(status))
                throw HTTPClientError(.invalid, "\(subject): \(problem): expected ws://host/path or wss://host/path")
            }
        }
        guard let scheme = part(CURLUPART_SCHEME), scheme == "http" || scheme == "https",
            let host = part(CURLUPART_HOST), let path = part(CURLUPART_PATH)
        else { throw HTTPClientError(.invalid, "\(subject): expected ws://host/path or wss://host/path") }
        if part(CURLUPART_FRAGMENT) != nil {
            throw HTTPClientError(.invalid, "\(subject): a fragment is in it: leave out what begins with '#'")
        }
        isSecure = scheme == "https"
        self.host = host.lowercased()
        let port = part(CURLUPART_PORT, CURLU_NO_DEFAULT_PORT)
        authority = self.host + (port.map { ":\($0)" } ?? "")
        self.path = path + (part(CURLUPART_QUERY).map { "?\($0)" } ?? "")
        user = part(CURLUPART_USER, CURLU_URLDECODE)
        password = part(CURLUPART_PASSWORD, CURLU_URLDECODE)
    }

    /// The same place by the scheme whose connection it begins with (RFC 6455 §3: same ports, same TLS).
    private static func asHTTP(_ url: String) -> String {
        guard let colon = url.firstIndex(of: ":") else { return url }
        switch url[..<colon].lowercased() {
        case "ws": return "http" + url[colon...]
        case "wss": return "https" + url[colon...]
        default: return url
        }
    }
}
