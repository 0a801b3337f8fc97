import Glibc

/// Opens sockets that listen: the system calls in the order they have to come, and what makes UNIX domain sockets safe.
enum ListeningSocket {
    /// A bound and listening socket; the descriptor is the caller's.
    struct Opened {
        var descriptor: Int32
        /// The socket file to remove at the end; nil for other families and abstract names.
        var file: SocketFile?
    }

    /// Which file a UNIX domain socket made.
    struct SocketFile: Equatable {
        var path: String
        var device: dev_t
        var inode: ino_t

        /// Removes the file, unless somebody has put another one in its place.
        func remove() {
            if SocketFile(at: path) == self { unlink(path) }
        }

        /// The socket at a path; nil when there is nothing or something else.
        init?(at path: String) {
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return nil }
            self.path = path
            device = status.st_dev
            inode = status.st_ino
        }
    }

    /// Opens, binds and listens; close-on-exec and non-blocking.
    static func open(_ address: BindAddress, options: ListenerOptions) throws(NetError) -> Opened {
        switch openOnce(address.socketAddress, options) {
        case .success(let opened): return opened
        case .failure(let failure):
            // A kernel without IPv6 still has "all interfaces".
            if address.isWildcard, failure.code == EAFNOSUPPORT, let port = address.socketAddress.port {
                let fallback = SocketAddress(ipv4: in_addr(s_addr: INADDR_ANY), port: port)
                if case .success(let opened) = openOnce(fallback, options) { return opened }
            }
            if failure.isForeignFile {
                throw NetError(
                    .addressInUse,
                    "cannot listen on \(address): the path is taken by something that is no socket: choose another path with --bind",
                    code: failure.code)
            }
            throw NetError.listening(on: address, code: failure.code)
        }
    }

    /// Why a step failed.
    private struct Failure: Error {
        var code: Int32
        /// Whether the path is a file that we must not touch.
        var isForeignFile = false
    }

    private static func openOnce(_ address: SocketAddress, _ options: ListenerOptions) -> Result<Opened, Failure> {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(Int32(address.storage.ss_family), type, 0)
        guard descriptor >= 0 else { return .failure(Failure(code: errno)) }
        var file: SocketFile?
        do {
            try configure(descriptor, address.family, options)
            try bind(descriptor, to: address)
            if let path = address.unixPath, !path.hasPrefix("@") {
                file = SocketFile(at: path)
                // Nobody can connect before listen(2), so there is no moment with the wrong rights.
                if let mode = options.unixMode { try check(chmod(path, mode)) }
            }
            try check(listen(descriptor, options.backlog))
            return .success(Opened(descriptor: descriptor, file: file))
        } catch {
            file?.remove()
            close(descriptor)
            return .failure(error)
        }
    }

    private static func configure(
        _ descriptor: Int32, _ family: SocketAddress.Family, _ options: ListenerOptions
    ) throws(Failure) {
        guard family == .ipv4 || family == .ipv6 else { return }
        // Without it a restarted server waits for the old connections' TIME-WAIT.
        try set(SO_REUSEADDR, SOL_SOCKET, on: descriptor, to: 1)
        if options.reusePort { try set(SO_REUSEPORT, SOL_SOCKET, on: descriptor, to: 1) }
        if family == .ipv6 { try set(IPV6_V6ONLY, Int32(IPPROTO_IPV6), on: descriptor, to: 0) }
        // Accepted sockets inherit it, which saves a call for each connection (tcp(7), Linux).
        try set(TCP_NODELAY, Int32(IPPROTO_TCP), on: descriptor, to: 1)
    }

    private static func bind(_ descriptor: Int32, to address: SocketAddress) throws(Failure) {
        guard bindOnce(descriptor, address) != 0 else { return }
        let code = errno
        guard code == EADDRINUSE, let path = address.unixPath, !path.hasPrefix("@") else { throw Failure(code: code) }
        guard let stale = SocketFile(at: path) else {
            throw Failure(code: code, isForeignFile: access(path, F_OK) == 0)
        }
        guard !isAnswered(address) else { throw Failure(code: EADDRINUSE) }
        stale.remove()
        try check(bindOnce(descriptor, address))
    }

    private static func bindOnce(_ descriptor: Int32, _ address: SocketAddress) -> Int32 {
        address.withSockaddr { Glibc.bind(descriptor, $0, $1) }
    }

    /// Whether somebody listens there: only a refused connection says that nobody does.
    private static func isAnswered(_ address: SocketAddress) -> Bool {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let probe = socket(AF_UNIX, type, 0)
        guard probe >= 0 else { return true }
        defer { close(probe) }
        let status = address.withSockaddr { connect(probe, $0, $1) }
        return status == 0 || errno != ECONNREFUSED
    }

    private static func set(_ option: Int32, _ level: Int32, on descriptor: Int32, to value: Int32) throws(Failure) {
        var value = value
        try check(setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)))
    }

    private static func check(_ status: Int32) throws(Failure) {
        guard status == 0 else { throw Failure(code: errno) }
    }
}
