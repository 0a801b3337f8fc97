import CCurl

/// How requests are made, as they use it: the options with their times in nanoseconds, and what libcurl is told.
///
/// A settings object never changes once a request was made with it: handles remember by its identity what they are
/// configured for.
@dynamicMemberLookup
final class ClientSettings {
    private var options: HTTPOptions
    /// As the options say, in nanoseconds.
    var timeout: Int64?
    var connectTimeout: Int64?
    var readTimeout: Int64?

    static let userAgent = "greenhouse/0.1"

    init(_ options: HTTPOptions = HTTPOptions()) {
        self.options = options
        timeout = options.timeout.map(Self.nanoseconds)
        connectTimeout = options.connectTimeout.map(Self.nanoseconds)
        readTimeout = options.readTimeout.map(Self.nanoseconds)
    }

    /// A copy, to be changed for one request.
    init(_ other: ClientSettings) {
        options = other.options
        timeout = other.timeout
        connectTimeout = other.connectTimeout
        readTimeout = other.readTimeout
    }

    /// Each of the options.
    @inline(__always)
    subscript<Value>(dynamicMember option: WritableKeyPath<HTTPOptions, Value>) -> Value {
        get { options[keyPath: option] }
        set { options[keyPath: option] = newValue }
    }

    private static func nanoseconds(_ span: Duration) -> Int64 {
        let (seconds, attoseconds) = span.components
        return seconds > 3_200_000_000
            ? 3_200_000_000_000_000_000 : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
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
        if let fault = options.authentication?.fault { return "authentication: \(fault)" }
        for url in [options.proxy.url, options.proxy.secureURL] {
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
        if options.decompresses { handle.set(CURLOPT_ACCEPT_ENCODING, "") }
        handle.set(CURLOPT_USERAGENT, Self.userAgent)
        if options.keepsCookies { handle.client.cookies.attach(handle) } else { CookieJar.detach(handle) }
        options.version.apply(to: handle)
        if options.version != handle.client.settings.version {
            // libcurl would take a kept connection of another version.
            handle.set(CURLOPT_FRESH_CONNECT, true)
            handle.set(CURLOPT_FORBID_REUSE, true)
        }
        options.tls.apply(to: handle)
        options.proxy.apply(to: handle)
        options.authentication?.apply(to: handle)
        if let unixSocket = options.unixSocket { handle.set(CURLOPT_UNIX_SOCKET_PATH, unixSocket) }
        if let interface = options.interface { handle.set(CURLOPT_INTERFACE, interface) }
        if !options.resolve.isEmpty {
            if connectList == nil { connectList = HeaderList.make(options.resolve.map(Self.connectEntry)) }
            // Other than CURLOPT_RESOLVE this leaves nothing behind for the client's other requests.
            ccurl_set_pointer(handle.pointer, CURLOPT_CONNECT_TO, connectList)
        }
    }
}
