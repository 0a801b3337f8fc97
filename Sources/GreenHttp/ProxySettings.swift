import CCurl
import Glibc

/// Through which proxy requests go.
public struct ProxySettings: Sendable, Equatable {
    /// "http://host:port", "https://…", "socks5://…" or "socks5h://…" (the proxy resolves names), with user and password
    /// before the host where it wants them; "" for none. nil: the environment decides.
    public var url: String?
    /// Hosts, with commas between them, that are reached without: names count with their subdomains; "*" for all.
    public var except: String?
    /// Whether `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` of the environment count. Default true.
    public var trustsEnvironment = true

    /// The defaults.
    public init() {}

    private static var environmentHasProxy: Bool {
        ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].contains { (name: String) in
            getenv(name) != nil
        }
    }

    func apply(to handle: EasyHandle) {
        if let url {
            handle.set(CURLOPT_PROXY, url)
        } else if !trustsEnvironment || !Self.environmentHasProxy {
            // Saying so keeps libcurl from asking the environment in each request.
            handle.set(CURLOPT_PROXY, "")
        }
        if let except {
            handle.set(CURLOPT_NOPROXY, except)
        } else if url != nil || !trustsEnvironment || !Self.environmentHasProxy {
            // A proxy that was named is not undone by the environment's no_proxy.
            handle.set(CURLOPT_NOPROXY, "")
        }
        // Of the proxy's password only what the proxy asks for (CURLOPT_PROXYAUTH(3)).
        handle.set(CURLOPT_PROXYAUTH, Int(bitPattern: ccurl_auth_basic_or_digest()))
    }
}
