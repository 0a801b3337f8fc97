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

    /// Whether a 401 may be a part of the conversation rather than its end.
    var isChallenged: Bool {
        if case .digest = self { return true }
        return false
    }
}
