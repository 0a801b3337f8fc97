/// How requests are made: time limits, redirects, TLS, authentication, proxies, sizes. All have safe defaults.
public struct HTTPOptions: Sendable {
    /// Longest that a request may take in all, waiting for a connection, redirects and retries included; nil, the
    /// default, for no limit.
    public var timeout: Duration?
    /// Longest for resolving the name, connecting and the TLS handshake. Default 10 s.
    public var connectTimeout: Duration? = .seconds(10)
    /// Longest that nothing may arrive once the request is sent. Default 60 s.
    public var readTimeout: Duration? = .seconds(60)
    /// Most redirects that are followed; 0: the redirecting response is the response. Default 10.
    public var maxRedirects = 10
    /// When a failed request is made again. Default: never.
    public var retries = RetryPolicy()
    /// Sizes beyond which a response is given up.
    public var sizes = SizeLimits()
    /// How to tell the server who is asking; not sent to another host on a redirect.
    public var authentication: Authentication?
    /// Through which proxy.
    public var proxy = ProxySettings()
    /// Whom to trust on TLS connections.
    public var tls = TLSSettings()
    /// Which versions of HTTP may be spoken.
    public var version = HTTPVersion.automatic
    /// Asks for compressed responses, and unpacks them. Default true.
    public var decompresses = true
    /// Keeps cookies between requests. Default true.
    public var keepsCookies = true
    /// Sends `Expect: 100-continue` and waits for the go-ahead, a second at most (RFC 9110 §10.1.1). Default false.
    public var expectsContinue = false
    /// A Unix socket to connect to, whatever the URL's host.
    public var unixSocket: String?
    /// "host:port:address": what names are resolved to, instead of asking; "*" is any host.
    public var resolve: [String] = []
    /// The network interface, or local address, to connect from (CURLOPT_INTERFACE(3)).
    public var interface: String?

    /// The defaults.
    public init() {}
}
