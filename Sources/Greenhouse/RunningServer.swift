import EventLoop
import GreenNet
import GreenWSGI

// Safety: `server` is used on the loop's thread only; `link` and `address` are constant.
/// A server of a ``ScriptHost``. It runs until it is stopped or its host closed, whether or not this is kept.
public final class RunningServer: @unchecked Sendable {
    /// Where it listens, with the port the system chose where 0 was asked for.
    public let address: SocketAddress
    private let link: HostLink
    private weak var server: HTTPServer?

    init(_ link: HostLink, _ server: HTTPServer, address: SocketAddress) {
        self.link = link
        self.server = server
        self.address = address
    }

    /// Stops gracefully: takes no new connections, and returns when the running requests have ended, at the latest
    /// after the options' grace time. Any thread.
    public func stop() async {
        await withCheckedContinuation { continuation in
            link.loop.execute { [self] in
                guard let server, let core = link.core, !server.isStopping else { return continuation.resume() }
                server.stop {
                    core.servers.removeAll { $0 === server }
                    continuation.resume()
                }
            }
        }
    }
}
