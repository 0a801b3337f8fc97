import Glibc

/// Where to listen, as written on a command line: `127.0.0.1:8060`, `[::1]:8060`, `localhost:8060`, `:8060`, `8060`, `unix:/run/x`.
///
/// - `HOST:PORT` with a numeric address or a name. Of a name's addresses the first IPv4 one is taken, else the first.
/// - `[IPV6]:PORT`; an IPv6 address needs its brackets.
/// - `:PORT` and `*:PORT` listen on all interfaces, IPv6 and IPv4, or IPv4 alone where there is no IPv6.
/// - `PORT` listens on 127.0.0.1.
/// - `unix:PATH` is a UNIX domain socket, `unix:@NAME` an abstract one.
///
/// Port 0 lets the system choose.
public struct BindAddress: Equatable, Sendable, CustomStringConvertible {
    /// The address to bind; `[::]` for all interfaces.
    public let socketAddress: SocketAddress
    /// Whether all interfaces were asked for, not a certain family.
    public let isWildcard: Bool

    /// Exactly this address.
    public init(_ socketAddress: SocketAddress) {
        self.socketAddress = socketAddress
        isWildcard = false
    }

    /// All interfaces.
    public init(wildcardPort port: UInt16) {
        socketAddress = SocketAddress(ipv6: in6addr_any, port: port)
        isWildcard = true
    }

    /// Reads an address; throws `.badAddress` or `.unknownHost` naming the text and the forms that are understood.
    ///
    /// A host name is looked up here, which blocks the calling thread: for use at start only.
    public init(parsing text: String) throws(NetError) {
        if text.hasPrefix("unix:") {
            self.init(try Self.unix(text))
            return
        }
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else {
            let loopback = SocketAddress(
                ipv4: in_addr(s_addr: UInt32(0x7F00_0001).bigEndian), port: try Self.port(bytes[...], in: text))
            self.init(loopback)
            return
        }
        if bytes.last == UInt8(ascii: "]") { throw Self.bad(text, "the port is missing") }
        let host = bytes[..<colon]
        guard !host.contains(UInt8(ascii: ":")) || host.first == UInt8(ascii: "[") else {
            throw Self.bad(text, "an IPv6 address needs brackets")
        }
        let port = try Self.port(bytes[(colon + 1)...], in: text)
        if host.isEmpty || host.elementsEqual("*".utf8) {
            self.init(wildcardPort: port)
        } else if host.first == UInt8(ascii: "[") {
            self.init(try Self.ipv6(host, port: port, in: text))
        } else {
            self.init(try Self.named(host, port: port, in: text))
        }
    }

    /// The address in the form it can be read back from: `127.0.0.1:8060`, `[::1]:80`, `*:8060`, `unix:/x`.
    public var description: String {
        isWildcard ? "*:\(socketAddress.port ?? 0)" : socketAddress.description
    }

    private static func unix(_ text: String) throws(NetError) -> SocketAddress {
        let path = String(text.dropFirst("unix:".count))
        if let address = SocketAddress(unixPath: path) { return address }
        if path.isEmpty { throw bad(text, "the path is missing") }
        if path.utf8.contains(0) { throw bad(text, "the path contains a NUL") }
        throw bad(
            text,
            "the path has \(path.utf8.count) bytes, and a socket's has at most \(SocketAddress.maximumUnixPath)")
    }

    private static func port(_ digits: ArraySlice<UInt8>, in text: String) throws(NetError) -> UInt16 {
        let shown = String(decoding: digits, as: UTF8.self)
        // UInt16.init would take a sign as well.
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw bad(text, digits.isEmpty ? "the port is missing" : "'\(shown)' is no port")
        }
        guard let port = UInt16(shown) else { throw bad(text, "port \(shown) is above 65535") }
        return port
    }

    private static func ipv6(_ host: ArraySlice<UInt8>, port: UInt16, in text: String) throws(NetError) -> SocketAddress
    {
        guard host.last == UInt8(ascii: "]") else { throw bad(text, "the closing bracket is missing") }
        let inside = String(decoding: host.dropFirst().dropLast(), as: UTF8.self)
        let parts = inside.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var address = in6_addr()
        guard let number = parts.first, inet_pton(AF_INET6, String(number), &address) == 1 else {
            throw bad(text, "'\(inside)' is no IPv6 address")
        }
        guard parts.count == 2 else { return SocketAddress(ipv6: address, port: port) }
        let interface = String(parts[1])
        let scope = UInt32(interface) ?? if_nametoindex(interface)
        guard scope != 0 else { throw bad(text, "there is no network interface '\(interface)'") }
        return SocketAddress(ipv6: address, scope: scope, port: port)
    }

    private static func named(_ host: ArraySlice<UInt8>, port: UInt16, in text: String) throws(NetError)
        -> SocketAddress
    {
        let name = String(decoding: host, as: UTF8.self)
        var address = in_addr()
        if inet_pton(AF_INET, name, &address) == 1 { return SocketAddress(ipv4: address, port: port) }
        // getaddrinfo would take 127.1 and 2130706433, which are seldom meant.
        if host.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }) {
            throw bad(text, "'\(name)' is no IPv4 address")
        }
        guard host.allSatisfy(isNameByte) else { throw bad(text, "'\(name)' is no host name") }
        return try lookUp(name, port: port, in: text)
    }

    private static func lookUp(_ name: String, port: UInt16, in text: String) throws(NetError) -> SocketAddress {
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(name, String(port), &hints, &list)
        defer { if status == 0 { freeaddrinfo(list) } }
        var best: SocketAddress?
        var next = status == 0 ? list : nil
        while let entry = next {
            next = entry.pointee.ai_next
            guard let found = SocketAddress(copying: entry.pointee) else { continue }
            if best == nil || (best?.family != .ipv4 && found.family == .ipv4) { best = found }
        }
        if let best { return best }
        let reason = status == 0 ? "it has no address" : String(cString: gai_strerror(status))
        throw NetError(
            .unknownHost,
            "bind address '\(text)': host '\(name)' cannot be looked up: \(reason) (expected a name or address of this machine)"
        )
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x80...0xFF: return true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): return true
        default: return false
        }
    }

    private static func bad(_ text: String, _ problem: String) -> NetError {
        NetError(
            .badAddress,
            "bind address '\(text)': \(problem) (expected HOST:PORT, [IPV6]:PORT, :PORT, *:PORT, PORT or unix:PATH)")
    }
}

extension SocketAddress {
    /// The address of a `getaddrinfo(3)` result; nil when it is neither IPv4 nor IPv6.
    fileprivate init?(copying entry: addrinfo) {
        guard let address = entry.ai_addr, [AF_INET, AF_INET6].contains(entry.ai_family) else { return nil }
        var storage = sockaddr_storage()
        let count = min(Int(entry.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutableBytes(of: &storage) { target in
            target.copyMemory(from: UnsafeRawBufferPointer(start: address, count: count))
        }
        self.init(storage: storage, length: socklen_t(count))
    }
}
