/// Which cookies of a jar a handshake takes with it (RFC 6265 §5.4): libcurl sends them with its own requests only.
enum CookieMatch {
    /// What the request is about.
    struct Question {
        var host: String
        /// Without the query.
        var path: String
        var isSecure: Bool
        /// Seconds since 1970.
        var now: Int64
    }

    /// The value of `Cookie`; nil without any.
    /// - Parameter lines: those of a Netscape cookie file, as `CookieJar.lines` gives them.
    static func header(_ lines: [[UInt8]], for question: Question) -> String? {
        var found: [(path: Int, text: String)] = []
        for line in lines {
            let fields = line.split(separator: 9, maxSplits: 6, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            guard fields.count >= 6, matches(fields, question) else { continue }
            found.append((fields[2].utf8.count, fields[5] + "=" + (fields.count > 6 ? fields[6] : "")))
        }
        // The longest paths first; those of one length in the jar's order.
        let inOrder = found.enumerated().sorted { ($1.element.path, $0.offset) < ($0.element.path, $1.offset) }
        return found.isEmpty ? nil : inOrder.map(\.element.text).joined(separator: "; ")
    }

    /// - Parameter fields: domain, whether subdomains too, path, whether only by TLS, expiry, name.
    private static func matches(_ fields: [String], _ question: Question) -> Bool {
        let httpOnly = "#HttpOnly_"
        var domain = fields[0].hasPrefix(httpOnly) ? String(fields[0].dropFirst(httpOnly.count)) : fields[0]
        if domain.hasPrefix(".") { domain.removeFirst() }
        domain = domain.lowercased()
        let isHost = question.host == domain || fields[1] == "TRUE" && question.host.hasSuffix("." + domain)
        let expiry = Int64(fields[4]) ?? 0
        return isHost && contains(fields[2], question.path) && (question.isSecure || fields[3] != "TRUE")
            && (expiry == 0 || expiry > question.now)
    }

    /// RFC 6265 §5.1.4.
    private static func contains(_ folder: String, _ path: String) -> Bool {
        if folder == path || folder == "/" || folder.isEmpty { return true }
        guard path.hasPrefix(folder) else { return false }
        return folder.hasSuffix("/") || path.dropFirst(folder.count).first == "/"
    }
}
