import CCurl

/// How a client makes its requests: time limits, TLS, authentication, proxies, sizes. Each can also be given for one
/// request. All have safe defaults.
///
/// A settings object never changes once a request was made with it: handles remember by its identity what they are
/// configured for.
final class ClientSettings {
    /// Longest that a request may take in all, waiting for a connection and retries included, in nanoseconds.
    var timeout: Int64?
    /// Longest for resolving the name, connecting and the TLS handshake, in nanoseconds. Default 10 s.
    var connectTimeout: Int64? = 10_000_000_000
    /// Longest that nothing may arrive once the request is sent, in nanoseconds. Default 60 s.
    var readTimeout: Int64? = 60_000_000_000

    /// Most redirects that are followed; 0: the redirecting response is the response. Default 10.
    var maxRedirects = 10
    var retries = RetryPolicy()
    var sizes = SizeLimits()
    var authentication: Authentication?
    var proxy = ProxySettings()
    var tls = TLSSettings()
    var version = HTTPVersion.automatic

    /// Asks for compressed responses, and unpacks them. Default true.
    var decompresses = true
    /// Keeps cookies between requests. Default true.
    var keepsCookies = true
    /// Sends `Expect: 100-continue` and waits for the go-ahead, a second at most (RFC 9110 §10.1.1). Default false.
    var expectsContinue = false
    /// A Unix socket to connect to, whatever the URL's host.
    var unixSocket: String?
    /// "host:port:address": what names are resolved to, instead of asking; "*" is any host.
    var resolve: [String] = []
    /// The network interface, or local address, to connect from (CURLOPT_INTERFACE(3)).
    var interface: String?

    static let userAgent = "greenhouse/0.1"

    init() {}

    /// A copy, to be changed for one request.
    init(_ other: ClientSettings) {
        timeout = other.timeout
        connectTimeout = other.connectTimeout
        readTimeout = other.readTimeout
        maxRedirects = other.maxRedirects
        retries = other.retries
        sizes = other.sizes
        authentication = other.authentication
        proxy = other.proxy
        tls = other.tls
        version = other.version
        decompresses = other.decompresses
        keepsCookies = other.keepsCookies
        expectsContinue = other.expectsContinue
        unixSocket = other.unixSocket
        resolve = other.resolve
        interface = other.interface
    }

    /// Lists that libcurl does not copy: they live as long as the settings, which the handles hold.
    private var connectList: UnsafeMutablePointer<curl_slist>?

    deinit { ccurl_slist_free_all(connectList) }

    /// "host:port:address:", for the same port at an address, as CURLOPT_CONNECT_TO(3) has it.
    private static func connectEntry(_ entry: String) -> String {
        let parts = entry.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { return entry }
        let isBare = parts[2].contains(":") && !parts[2].hasPrefix("[")
        return "\(parts[0] == "*" ? "" : parts[0]):\(parts[1]):\(isBare ? "[\(parts[2])]" : parts[2]):"
    }

    /// What is wrong with them; nil when requests can be made so.
    var fault: String? {
        if let fault = authentication?.fault { return "authentication: \(fault)" }
        for url in [proxy.url, proxy.secureURL] {
            if let url, !url.isEmpty, let fault = ProxySettings.fault(url, allowsFiles: true) {
                return "proxy: \(fault)"
            }
        }
        return nil
    }

    /// Configures a handle that has just been reset.
    func apply(to handle: EasyHandle) {
        handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Redirects are followed by `Exchange`, which knows what may go to another host.
        handle.set(CURLOPT_FOLLOWLOCATION, false)
        handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        let most = Int(Int32.max)
        handle.set(CURLOPT_CONNECTTIMEOUT_MS, connectTimeout.map { min(max(1, Int($0 / 1_000_000)), most) } ?? most)
        if decompresses { handle.set(CURLOPT_ACCEPT_ENCODING, "") }
        handle.set(CURLOPT_USERAGENT, Self.userAgent)
        if keepsCookies { handle.client.cookies.attach(handle) } else { CookieJar.detach(handle) }
        version.apply(to: handle)
        if version != handle.client.settings.version {
            // libcurl would take a kept connection of another version.
            handle.set(CURLOPT_FRESH_CONNECT, true)
            handle.set(CURLOPT_FORBID_REUSE, true)
        }
        tls.apply(to: handle)
        proxy.apply(to: handle)
        authentication?.apply(to: handle)
        if let unixSocket { handle.set(CURLOPT_UNIX_SOCKET_PATH, unixSocket) }
        if let interface { handle.set(CURLOPT_INTERFACE, interface) }
        if !resolve.isEmpty {
            if connectList == nil { connectList = HeaderList.make(resolve.map(Self.connectEntry)) }
            // Other than CURLOPT_RESOLVE this leaves nothing behind for the client's other requests.
            ccurl_set_pointer(handle.pointer, CURLOPT_CONNECT_TO, connectList)
        }
    }
}

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

/// Sizes beyond which a response is given up.
public struct SizeLimits: Sendable, Equatable {
    /// Most bytes of a body that is collected in memory, unpacked; nil for no limit. Default 100 MiB. A streamed body
    /// has this limit only where it was asked for.
    public var body: Int? = 100 << 20
    /// Most bytes of a response's header, interim responses included. Default 256 KiB.
    public var header = 256 << 10
    /// How many times its packed size a compressed body may have, from 10 MiB on: beyond, it is a decompression bomb.
    /// Default 200.
    public var ratio = 200

    /// The defaults.
    public init() {}
}
