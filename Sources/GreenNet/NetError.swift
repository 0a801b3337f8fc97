import CSystem
import Glibc

/// What went wrong with an address or a socket.
public struct NetError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of thing that failed, for programs.
    public enum Kind: Equatable, Sendable {
        /// An address text does not follow any of the forms.
        case badAddress
        /// A host name has no address.
        case unknownHost
        /// Somebody else has the address already.
        case addressInUse
        /// The process lacks a right.
        case notPermitted
        /// Descriptors or memory have run out.
        case exhausted
        /// Another system call failed; see `code`.
        case system
    }

    /// The kind of thing that failed.
    public let kind: Kind
    /// What failed, what was expected and what to do, for people.
    public let message: String
    /// The `errno` behind it, 0 when there is none.
    public let code: Int32

    /// An error of this kind.
    public init(_ kind: Kind, _ message: String, code: Int32 = 0) {
        self.kind = kind
        self.message = message
        self.code = code
    }

    /// The message.
    public var description: String { message }

    /// The system's text for an `errno`.
    static func text(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            csystem_errno_text(code, start, buffer.count)
            return String(cString: start)
        }
    }
}

extension NetError {
    /// Why listening on an address failed with `code`, and what to do about it.
    static func listening(on address: BindAddress, code: Int32) -> NetError {
        let isUnix = address.socketAddress.family == .unix
        let place = isUnix ? "path" : "port"
        switch code {
        case EADDRINUSE:
            return NetError(
                .addressInUse,
                "another program is listening on \(address): stop it or choose another \(place) with --bind", code: code
            )
        case EACCES where !isUnix, EPERM where !isUnix:
            guard let port = address.socketAddress.port, port < 1_024 else { break }
            return NetError(
                .notPermitted,
                "cannot listen on \(address): ports below 1024 need root or CAP_NET_BIND_SERVICE: choose a port from 1024 up",
                code: code)
        case EACCES, EPERM, EROFS:
            return NetError(
                .notPermitted,
                "cannot listen on \(address): \(text(of: code)): choose a directory that this user may write to",
                code: code)
        case ENOENT, ENOTDIR:
            return NetError(
                .system, "cannot listen on \(address): its directory does not exist: make it or choose another path",
                code: code)
        case EADDRNOTAVAIL:
            return NetError(
                .system,
                "cannot listen on \(address): this machine does not have the address: use one of its own, or * for all",
                code: code)
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
            return NetError(
                .exhausted, "cannot listen on \(address): \(text(of: code)): raise the limit (ulimit -n)", code: code)
        default:
            break
        }
        return NetError(
            .system, "cannot listen on \(address): \(text(of: code)): check the address given to --bind", code: code)
    }

    /// Why accepting stops for a while.
    static func accepting(on address: SocketAddress, code: Int32) -> NetError {
        let isExhaustion = [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(code)
        let advice =
            isExhaustion ? "raise the limit (ulimit -n) or limit the connections" : "check the listening socket"
        return NetError(
            isExhaustion ? .exhausted : .system,
            "cannot accept connections on \(address) for now: \(text(of: code)): \(advice)", code: code)
    }
}
