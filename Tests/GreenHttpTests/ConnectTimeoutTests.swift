import EventLoop
import Glibc
import LuaRuntime
import Testing

@testable import GreenHttp

@Suite struct ConnectTimeoutTests {
    /// A socket that listens, and whose queue is full: the kernel answers no more.
    private final class FullListener {
        private(set) var port: UInt16 = 0
        private var descriptors: [Int32] = []

        init() throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            descriptors.append(listener)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            #expect(Self.with(&address) { bind(listener, $0, $1) } == 0)
            #expect(listen(listener, 0) == 0)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            _ = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
            }
            port = UInt16(bigEndian: address.sin_port)
            for _ in 0..<4 {
                let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                descriptors.append(client)
                _ = Self.with(&address) { connect(client, $0, $1) }
            }
        }

        deinit { for descriptor in descriptors { close(descriptor) } }

        private static func with(
            _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
        ) -> Int32 {
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    @Test func aServerThatDoesNotAcceptIsGivenUpAfterConnectTimeout() throws {
        let listener = try FullListener()
        let host = try HTTPFixture()
        let outcome = try host.run(
            """
            local http <close> = GreenHttp { connect_timeout = 0.1, timeout = 20 }
            local from = green.now()
            local ok, problem = pcall(http.get, http, "http://127.0.0.1:\(listener.port)/")
            local took = green.now() - from
            return ("%s %s %s %d %s"):format(ok, problem.kind, took >= 0.09 and took < 5, http:info().in_flight,
              problem.message)
            """)
        let message = "GET http://127.0.0.1:\(listener.port)/: not connected within 0.1 s (connect_timeout)"
        #expect(outcome == "false timeout true 0 \(message)")
    }

    @Test func connectingIsTriedAgainAlsoForMethodsThatMayHaveAnEffect() throws {
        let listener = try FullListener()
        let host = try HTTPFixture()
        let outcome = try host.run(
            """
            local http <close> = GreenHttp { connect_timeout = 0.1, retries = { count = 2, backoff = 0.01 } }
            local from = green.now()
            local ok, problem = pcall(http.post, http, "http://127.0.0.1:\(listener.port)/", { data = "x" })
            return ("%s %s %s"):format(ok, problem.kind, green.now() - from >= 0.3)
            """)
        #expect(outcome == "false timeout true")
    }
}
