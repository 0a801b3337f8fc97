import Foundation
import Glibc

@testable import GreenNet

/// A directory of its own for socket files, removed with everything in it at the end.
final class SocketPlace {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("s-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func address(_ name: String = "x.sock") throws -> BindAddress {
        try BindAddress(parsing: "unix:\(path)/\(name)")
    }
}

/// A blocking client socket that closes itself.
final class Client {
    let descriptor: Int32

    /// Connects; nil when it is refused.
    init?(to address: SocketAddress) {
        descriptor = socket(Int32(address.storage.ss_family), Int32(SOCK_STREAM.rawValue), 0)
        if address.withSockaddr({ connect(descriptor, $0, $1) }) != 0 { return nil }
    }

    deinit { close(descriptor) }
}

/// What a listener has handed on; closes it all at the end.
final class Accepted {
    var descriptors: [Int32] = []
    var peers: [SocketAddress] = []

    func take(_ descriptor: Int32, _ peer: SocketAddress) {
        descriptors.append(descriptor)
        peers.append(peer)
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
