import Glibc

/// The address of a socket: IPv4, IPv6 or UNIX domain, as the system calls give and take it.
public struct SocketAddress: Sendable {
    /// What kind of address it is.
    public enum Family: Equatable, Sendable {
        /// An IPv4 address and a port.
        case ipv4
        /// An IPv6 address and a port.
        case ipv6
        /// A path, an abstract name, or nothing (a client that did not bind).
        case unix
        /// Anything else; has neither host nor port.
        case other
    }

    /// The address as the system calls take it, valid for `length` bytes.
    public private(set) var storage: sockaddr_storage
    /// How many bytes of `storage` count.
    public private(set) var length: socklen_t

    /// An address as `accept(2)` or `getsockname(2)` have filled it in.
    public init(storage: sockaddr_storage, length: socklen_t) {
        self.storage = storage
        self.length = min(length, socklen_t(MemoryLayout<sockaddr_storage>.size))
    }

    /// An IPv4 address in network byte order and a port in the machine's.
    init(ipv4 address: in_addr, port: UInt16) {
        var socket = sockaddr_in()
        socket.sin_family = sa_family_t(AF_INET)
        socket.sin_addr = address
        socket.sin_port = port.bigEndian
        self.init(copying: socket, length: MemoryLayout<sockaddr_in>.size)
    }

    /// An IPv6 address, the index of the interface that a link-local one belongs to (else 0), and a port in the machine's byte order.
    init(ipv6 address: in6_addr, scope: UInt32 = 0, port: UInt16) {
        var socket = sockaddr_in6()
        socket.sin6_family = sa_family_t(AF_INET6)
        socket.sin6_addr = address
        socket.sin6_scope_id = scope
        socket.sin6_port = port.bigEndian
        self.init(copying: socket, length: MemoryLayout<sockaddr_in6>.size)
    }

    /// A UNIX domain path, or an abstract name when it begins with `@` (unix(7)); nil when it is empty, too long or contains NUL.
    init?(unixPath path: String) {
        var bytes = Array(path.utf8)
        var socket = sockaddr_un()
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if bytes.isEmpty || bytes.contains(0) || bytes.count > Self.maximumUnixPath { return nil }
        if isAbstract { bytes[0] = 0 }
        socket.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &socket.sun_path) { $0.copyBytes(from: bytes) }
        // A path is followed by its NUL; an abstract name ends where the length says.
        self.init(copying: socket, length: Self.pathOffset + bytes.count + (isAbstract ? 0 : 1))
    }

    /// The local address of a socket; nil when `descriptor` is none.
    public static func local(of descriptor: Int32) -> SocketAddress? {
        ask(descriptor, getsockname)
    }

    /// The address of a socket's peer; nil when it is not connected.
    public static func peer(of descriptor: Int32) -> SocketAddress? {
        ask(descriptor, getpeername)
    }

    /// What kind of address it is.
    public var family: Family {
        switch Int32(storage.ss_family) {
        case AF_INET: .ipv4
        case AF_INET6: .ipv6
        case AF_UNIX: .unix
        default: .other
        }
    }

    /// The port; nil when there are no ports in the family.
    public var port: UInt16? {
        switch family {
        case .ipv4: UInt16(bigEndian: load(sockaddr_in.self).sin_port)
        case .ipv6: UInt16(bigEndian: load(sockaddr_in6.self).sin6_port)
        case .unix, .other: nil
        }
    }

    /// The host's address as text, without brackets: `127.0.0.1`, `::1`, `fe80::1%eth0`; empty for families without hosts.
    ///
    /// An IPv4 peer of an IPv6 socket (`::ffff:10.0.0.1`) is written as the IPv4 address that it is.
    public var host: String {
        switch family {
        case .ipv4: return Self.text(of: load(sockaddr_in.self).sin_addr)
        case .ipv6:
            let socket = load(sockaddr_in6.self)
            return mappedIPv4.map(Self.text) ?? Self.text(of: socket.sin6_addr) + Self.scope(socket.sin6_scope_id)
        case .unix, .other: return ""
        }
    }

    /// The path of a UNIX domain address, `@` and the name of an abstract one; empty for an unnamed one, nil for other families.
    public var unixPath: String? {
        guard family == .unix else { return nil }
        let count = Int(length) - Self.pathOffset
        guard count > 0 else { return "" }
        return withUnsafeBytes(of: storage) { bytes in
            let path = bytes[Self.pathOffset..<(Self.pathOffset + count)]
            if path.first == 0 { return "@" + String(decoding: path.dropFirst(), as: UTF8.self) }
            return String(decoding: path.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Lends the address to a system call for the time of `body`.
    public func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    /// How long a path or abstract name may be, in bytes: `sun_path` less the final NUL.
    static var maximumUnixPath: Int { MemoryLayout<sockaddr_un>.size - pathOffset - 1 }

    private static var pathOffset: Int { MemoryLayout<sa_family_t>.size }

    /// `Socket` is one of the C address structs, as in `load`: plain bytes that fit, which the compiler cannot be told
    /// by `BitwiseCopyable` because their unions are imported without it.
    private init<Socket>(copying socket: Socket, length: Int) {
        storage = sockaddr_storage()
        self.length = socklen_t(length)
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: socket) { target.copyMemory(from: $0) }
        }
    }

    private static func ask(
        _ descriptor: Int32, _ call: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, &length) }
        }
        return status == 0 ? SocketAddress(storage: storage, length: length) : nil
    }

    private func load<Socket>(_ type: Socket.Type) -> Socket {
        withUnsafeBytes(of: storage) { $0.load(as: type) }
    }

    /// The IPv4 address inside `::ffff:0:0/96` (RFC 4291 §2.5.5.2), or nil.
    private var mappedIPv4: in_addr? {
        let address = load(sockaddr_in6.self).sin6_addr
        return withUnsafeBytes(of: address) { bytes in
            guard bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF else { return nil }
            return bytes.load(fromByteOffset: 12, as: in_addr.self)
        }
    }

    private static func text(of address: in_addr) -> String {
        text(of: address, family: AF_INET)
    }

    private static func text(of address: in6_addr) -> String {
        text(of: address, family: AF_INET6)
    }

    private static func text<Address>(of address: Address, family: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            let found = withUnsafeBytes(of: address) {
                inet_ntop(family, $0.baseAddress, start, socklen_t(buffer.count))
            }
            return found == nil ? "" : String(cString: start)
        }
    }

    /// `%` and the interface of a link-local address (RFC 4007 §11.2); empty for 0.
    private static func scope(_ index: UInt32) -> String {
        if index == 0 { return "" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
            guard let start = buffer.baseAddress, if_indextoname(index, start) != nil else { return "%\(index)" }
            return "%" + String(cString: start)
        }
    }
}

extension SocketAddress: Equatable {
    /// Whether both are the same address, byte for byte.
    public static func == (left: SocketAddress, right: SocketAddress) -> Bool {
        guard left.length == right.length else { return false }
        return withUnsafeBytes(of: left.storage) { left in
            withUnsafeBytes(of: right.storage) { right in
                left.prefix(Int(right.count)).elementsEqual(right)
            }
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `127.0.0.1:8060`, `[::1]:80`, `unix:/run/x`, `unix:@name`, `unix:` for an unnamed one.
    public var description: String {
        if let unixPath { return "unix:\(unixPath)" }
        guard let port else { return "unknown address" }
        let host = host
        return host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
