import CCurl

/// How to tell a server who is asking. Never sent to another host on a redirect.
public enum Authentication: Sendable, Equatable {
    /// RFC 7617.
    case basic(user: String, password: String)
    /// RFC 7616: the first request learns the challenge, the second answers it.
    case digest(user: String, password: String)
    /// RFC 6750.
    case bearer(token: String)
    /// User and password of the host from a netrc file; nil: `~/.netrc`.
    case netrc(path: String?)

    func apply(to handle: EasyHandle) {
        switch self {
        case .basic(let user, let password): set(user, password, ccurl_auth_basic(), handle)
        case .digest(let user, let password): set(user, password, ccurl_auth_digest(), handle)
        case .bearer(let token):
            handle.set(CURLOPT_HTTPAUTH, Int(bitPattern: ccurl_auth_bearer()))
            handle.set(CURLOPT_XOAUTH2_BEARER, token)
        case .netrc(let path):
            handle.set(CURLOPT_NETRC, Int(CURL_NETRC_REQUIRED.rawValue))
            if let path { handle.set(CURLOPT_NETRC_FILE, path) }
        }
    }

    private func set(_ user: String, _ password: String, _ scheme: UInt, _ handle: EasyHandle) {
        handle.set(CURLOPT_HTTPAUTH, Int(bitPattern: scheme))
        handle.set(CURLOPT_USERNAME, user)
        handle.set(CURLOPT_PASSWORD, password)
    }

    /// What is wrong with it; nil when it can be sent. libcurl puts the texts into fields as they are.
    var fault: String? {
        switch self {
        case .basic(let user, let password), .digest(let user, let password):
            if Self.isBroken(user) || Self.isBroken(password) { return "a control character is in user or password" }
            return user.utf8.contains(UInt8(ascii: ":")) ? "a colon is in the user's name (RFC 7617 section 2)" : nil
        case .bearer(let token):
            return token.isEmpty || Self.isBroken(token) || token.contains(" ")
                ? "bearer: a token without blanks and control characters expected" : nil
        case .netrc: return nil
        }
    }

    private static func isBroken(_ text: String) -> Bool { text.utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    /// Whether a 401 may be a part of the conversation rather than its end.
    var isChallenged: Bool {
        if case .digest = self { return true }
        return false
    }
}
