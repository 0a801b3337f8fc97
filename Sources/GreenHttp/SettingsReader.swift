import Green
import LuaRuntime

/// Reads the options that scripts give, for a client or for one request.
struct SettingsReader {
    let lua: LuaStack
    /// Whether options may name files.
    let allowsFiles: Bool
    /// What the options say, on top of what they are for.
    var settings: ClientSettings
    var limits = ConnectionLimits()
    /// An option was found that changes the settings.
    private(set) var hasChanges = false
    private let isClient: Bool
    /// Options that are read elsewhere.
    private let others: Set<String>
    /// What `allow_redirects` says: it counts whatever `max_redirects` says, in whichever order they come.
    private var followsRedirects: Bool?

    /// - Parameters:
    ///   - base: the client's settings, when the options are for one request.
    ///   - others: options that are read elsewhere; nil for those of clients and requests.
    init(_ lua: LuaStack, base: ClientSettings?, allowsFiles: Bool, others: Set<String>? = nil) {
        self.lua = lua
        self.allowsFiles = allowsFiles
        isClient = base == nil
        self.others = others ?? (isClient ? Self.othersOfClient : Self.othersOfRequest)
        settings = base.map(ClientSettings.init) ?? ClientSettings()
    }

    /// What `http.lua` reads itself.
    private static let othersOfRequest: Set<String> = [
        "params", "headers", "data", "json", "files", "cookies", "stream", "hooks", "content_type",
    ]
    private static let othersOfClient: Set<String> = ["base_url", "headers", "params", "cookies", "hooks", "app"]

    /// What is wrong with an option.
    struct Fault: Error { var message: String }

    /// Reads the table at an index.
    mutating func read(at index: Int32) throws(Fault) {
        let before = lua.top
        defer { lua.setTop(before) }
        guard lua.reserve(8) else { throw Fault(message: "stack overflow") }
        lua.pushNil()
        while true {
            let more: Bool
            do { more = try lua.next(of: index) } catch { throw Fault(message: "not enough memory") }
            if !more { break }
            guard lua.type(at: -2) == .string, let name = lua.string(at: -2) else {
                throw Fault(message: "options have names, got the key \(lua.description(of: -2))")
            }
            if !others.contains(name) {
                hasChanges = true
                try take(name)
            }
            lua.pop()
        }
        switch followsRedirects {
        case true where settings.maxRedirects == 0: settings.maxRedirects = ClientSettings().maxRedirects
        case false: settings.maxRedirects = 0
        default: break
        }
    }

    /// The value is on top of the stack.
    private mutating func take(_ name: String) throws(Fault) {
        switch name {
        case "timeout": settings.timeout = try span(name)
        case "connect_timeout": settings.connectTimeout = try span(name)
        case "read_timeout": settings.readTimeout = try span(name)
        case "max_redirects": settings.maxRedirects = try count(name)
        case "allow_redirects": followsRedirects = try flag(name)
        case "retries": settings.retries = try RetryReader(reader: self).read()
        case "max_body": settings.sizes.body = isFalse ? nil : try count(name)
        case "max_header": settings.sizes.header = try count(name)
        case "max_ratio": settings.sizes.ratio = max(1, try count(name))
        case "auth": settings.authentication = try authentication()
        case "proxy": try readProxy()
        case "no_proxy": settings.proxy.except = try text(name)
        case "trust_env": settings.proxy.trustsEnvironment = try flag(name)
        case "verify":
            if lua.type(at: -1) == .string {
                settings.tls.authorities = try file(name)
            } else {
                settings.tls.verifies = try flag(name)
            }
        case "cert": settings.tls.certificate = try file(name)
        case "key": settings.tls.key = try file(name)
        case "key_password": settings.tls.keyPassword = try text(name)
        case "pinned_key": settings.tls.pinnedKey = try pinnedKey()
        case "min_tls": settings.tls.minimumVersion = try choice(name, ["1.2", "1.3"])
        case "http_version":
            let value = try choice(name, HTTPVersion.allCases.map(\.rawValue))
            settings.version = HTTPVersion(rawValue: value) ?? .automatic
        case "decompress": settings.decompresses = try flag(name)
        case "expect": settings.expectsContinue = try flag(name)
        case "unix_socket": settings.unixSocket = try file(name)
        case "interface": settings.interface = try text(name)
        case "resolve": settings.resolve = try addresses(name)
        case "store_cookies": settings.keepsCookies = try flag(name)
        case "max_connections" where isClient: limits.total = try count(name)
        case "max_per_host" where isClient: limits.perHost = try count(name)
        case "max_idle" where isClient: limits.idle = try count(name)
        default: throw Fault(message: "unknown option '\(name)'\(suggestion(name))")
        }
    }

    // MARK: Kinds of values

    var isFalse: Bool { lua.type(at: -1) == .boolean && !lua.boolean(at: -1) }

    func wrong(_ name: String, _ expected: String) -> Fault {
        let isSecret = ["auth", "proxy", "key_password"].contains { name.hasPrefix($0) }
        let value = isSecret ? "" : " " + lua.description(of: -1)
        return Fault(message: "option '\(name)': \(expected) expected, got \(lua.typeName(at: -1))\(value)")
    }

    func flag(_ name: String) throws(Fault) -> Bool {
        guard lua.type(at: -1) == .boolean else { throw wrong(name, "true or false") }
        return lua.boolean(at: -1)
    }

    func count(_ name: String) throws(Fault) -> Int {
        guard let value = lua.integer(at: -1), value >= 0 else { throw wrong(name, "whole number from 0 up") }
        return value
    }

    func number(_ name: String) throws(Fault) -> Double {
        guard let value = lua.number(at: -1), value >= 0 else { throw wrong(name, "number from 0 up") }
        return value
    }

    func text(_ name: String) throws(Fault) -> String {
        guard lua.type(at: -1) == .string, let value = lua.string(at: -1) else { throw wrong(name, "string") }
        if value.utf8.contains(0) { throw Fault(message: "option '\(name)': a NUL is in it") }
        if value.utf8.count != lua.bytes(at: -1)?.count { throw Fault(message: "option '\(name)': it is no UTF-8") }
        return value
    }

    private func span(_ name: String) throws(Fault) -> Int64? {
        if isFalse { return nil }
        guard let seconds = lua.number(at: -1), seconds > 0 else {
            throw wrong(name, "number of seconds above 0, or false for no limit,")
        }
        return seconds > 3.2e9 ? nil : Int64((seconds * 1e9).rounded(.up))
    }

    private func choice(_ name: String, _ values: [String]) throws(Fault) -> String {
        guard let value = lua.string(at: -1), values.contains(value) else {
            throw wrong(name, values.map { "\"\($0)\"" }.joined(separator: " or "))
        }
        return value
    }

    func file(_ name: String) throws(Fault) -> String {
        let path = try text(name)
        guard allowsFiles else { throw Fault(message: "option '\(name)': this host lets no script name files") }
        if SmallFile.mayBlock(path) { throw Fault(message: "option '\(name)': \(path): it is no plain file") }
        return path
    }

    private func pinnedKey() throws(Fault) -> String {
        let value = try text("pinned_key")
        return value.hasPrefix("sha256//") ? value : try file("pinned_key")
    }

    /// A URL; false for none; or one of each for http and https, none for the one that is not in the table.
    private mutating func readProxy() throws(Fault) {
        settings.proxy.secureURL = nil
        guard lua.type(at: -1) == .table else {
            settings.proxy.url = isFalse ? "" : try proxyURL("proxy")
            return
        }
        try checkNames(["http", "https"], of: "proxy")
        settings.proxy.url = try proxy(for: "http")
        settings.proxy.secureURL = try proxy(for: "https")
        if settings.proxy.url == "", settings.proxy.secureURL == "" {
            throw wrong("proxy", "URL, false, or a table with http or https")
        }
    }

    private func proxy(for scheme: String) throws(Fault) -> String {
        do { try lua.pushField(scheme, of: -1) } catch { throw Fault(message: "not enough memory") }
        defer { lua.pop() }
        return lua.isNil(at: -1) || isFalse ? "" : try proxyURL("proxy.\(scheme)")
    }

    private func proxyURL(_ name: String) throws(Fault) -> String {
        let url = try text(name)
        if let fault = ProxySettings.fault(url, allowsFiles: allowsFiles) {
            throw Fault(message: "option '\(name)': \(fault), as in \"http://user:password@host:port\"")
        }
        return url
    }

    /// A list of "host:port:address".
    private func addresses(_ name: String) throws(Fault) -> [String] {
        guard lua.type(at: -1) == .table else { throw wrong(name, "list of \"host:port:address\"") }
        var list: [String] = []
        for position in 0..<lua.rawLength(of: -1) {
            lua.pushRaw(index: position + 1, of: -1)
            defer { lua.pop() }
            let parts = try text(name).split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, !parts[0].isEmpty, let port = UInt16(parts[1]), !parts[2].isEmpty else {
                throw wrong(name, "list of \"host:port:address\"")
            }
            list.append("\(parts[0]):\(port):\(parts[2])")
        }
        return list
    }

    // MARK: Unknown ones

    /// The table on top has no other names than these, nor numbers above `last`.
    func checkNames(_ names: [String], upTo last: Int = 0, of option: String) throws(Fault) {
        let table = lua.top
        defer { lua.setTop(table) }
        lua.pushNil()
        while true {
            let more: Bool
            do { more = try lua.next(of: table) } catch { throw Fault(message: "not enough memory") }
            if !more { return }
            lua.pop()
            if lua.type(at: -1) == .number, let number = lua.integer(at: -1), (1...max(1, last)).contains(number),
                last > 0
            {
                continue
            }
            guard lua.type(at: -1) == .string, let name = lua.string(at: -1) else {
                throw Fault(message: "option '\(option)': unknown key \(lua.description(of: -1))")
            }
            if !names.contains(name) {
                throw Fault(message: "option '\(option)': unknown name '\(name)'\(Self.suggestion(name, names))")
            }
        }
    }

    private static let names = [
        "timeout", "connect_timeout", "read_timeout", "max_redirects", "allow_redirects", "retries", "max_body",
        "max_header", "max_ratio", "auth", "proxy", "no_proxy", "trust_env", "verify", "cert", "key", "key_password",
        "pinned_key", "min_tls", "http_version", "decompress", "expect", "unix_socket", "interface", "resolve",
        "store_cookies",
    ]
    private static let namesOfClient = names + ["max_connections", "max_per_host", "max_idle"]

    private func suggestion(_ name: String) -> String {
        Self.suggestion(name, (isClient ? Self.namesOfClient : Self.names) + others)
    }

    private static func suggestion(_ name: String, _ known: [String]) -> String {
        let near = known.map { ($0, EditDistance.between(name, $0)) }.min { ($0.1, $0.0) < ($1.1, $1.0) }
        guard let near, near.1 <= 3 else { return "" }
        return ": did you mean '\(near.0)'?"
    }
}
