import CCurl

/// Which versions of HTTP may be spoken.
public enum HTTPVersion: String, Sendable, CaseIterable {
    /// HTTP/2 over TLS where the server offers it (ALPN, RFC 7301), else 1.1.
    case automatic = "auto"
    /// HTTP/1.0.
    case http10 = "1.0"
    /// HTTP/1.1.
    case http11 = "1.1"
    /// HTTP/2, also without TLS: the server is known to speak it (RFC 9113 §3.3).
    case http2 = "2"

    func apply(to handle: EasyHandle) {
        switch self {
        case .automatic: handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        case .http10: handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_0))
        case .http11: handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        case .http2: handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE))
        }
    }
}
