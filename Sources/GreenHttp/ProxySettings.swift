import CCurl
import Glibc

/// Through which proxy requests go.
public struct ProxySettings: Sendable, Equatable {
    /// "http://host:port", "https://…", "socks5://…" or "socks5h://…" (the proxy resolves names), with user and password
    /// before the host where it wants them; "" for none. nil: the environment decides.
    public var url: String?
    /// The same for https URLs, where they have a proxy of their own; nil: `url` is for all.
    public var secureURL: String?
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

    private static let schemes = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]

    /// What is wrong with a proxy's URL; nil when libcurl can use it.
    /// - Parameter allowsFiles: libcurl takes the path of a SOCKS proxy on "localhost" for a Unix socket's.
    static func fault(_ url: String, allowsFiles: Bool) -> String? {
        if url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { return "a blank or control character is in it" }
        let parts = url.firstRange(of: "://")
        let scheme = parts.map { url[..<$0.lowerBound].lowercased() } ?? "http"
        guard schemes.contains(scheme) else {
            // What stands there may be user and password.
            let name = scheme.utf8.allSatisfy { $0 >= 97 && $0 <= 122 || $0 >= 48 && $0 <= 57 } ? " '\(scheme)'" : ""
            return "the scheme\(name) is none of \(schemes.joined(separator: ", "))"
        }
        let rest = parts.map { url[$0.upperBound...] } ?? url[...]
        guard isReadable("\(scheme)://\(rest)") else { return "user, host or port in it cannot be read" }
        guard let path = rest.firstIndex(where: { $0 == "/" || $0 == "?" || $0 == "#" }) else { return nil }
        if rest[path...] == "/" || allowsFiles && scheme.hasPrefix("socks") { return nil }
        return "only scheme, user, host and port expected, and no path"
    }

    /// Whether libcurl will find host and port in it. What it says when it cannot has the password in it.
    private static func isReadable(_ url: String) -> Bool {
        guard let parsed = ccurl_url() else { return false }
        defer { ccurl_url_cleanup(parsed) }
        return ccurl_url_set(parsed, CURLUPART_URL, url, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK
    }

    /// What libcurl says, without the URL of a proxy in it: one of the environment may be wrong, and has a password.
    static func withoutURL(_ message: String) -> String {
        guard message.hasPrefix("Unsupported proxy"), let quote = message.firstIndex(of: "'") else { return message }
        return message[..<quote] + "the proxy's URL: http://user:password@host:port expected"
    }

    /// For the URL of one request, on a handle that these were applied to.
    func choose(for requested: String, on handle: EasyHandle) {
        guard let secureURL else { return }
        handle.set(CURLOPT_PROXY, requested.hasPrefix("https:") ? secureURL : url ?? "")
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
