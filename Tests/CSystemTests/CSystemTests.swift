import CSystem
import Glibc
import Testing

@Suite struct CSystemTests {
    @Test func failuresAreNegativeErrnos() {
        #expect(csystem_epoll_add(-1, 0, 1, 0) == -EBADF)
        #expect(csystem_epoll_modify(-1, 0, 1, 0) == -EBADF)
        #expect(csystem_epoll_remove(-1, 0) == -EBADF)
        #expect(csystem_epoll_wait(-1, nil, 1, 0) == -EBADF)
        #expect(csystem_eventfd_notify(-1) == -EBADF)
        #expect(csystem_signalfd_next(-1) == -EBADF)
        #expect(csystem_accept(-1, nil, nil) == -EBADF)
    }

    @Test func anEventComesBackWithItsKeyAndBits() throws {
        let epoll = csystem_epoll_create()
        let counter = csystem_eventfd()
        defer {
            close(counter)
            close(epoll)
        }
        #expect(csystem_epoll_add(epoll, counter, 1, 0x1234_5678_9abc_def0) == 0)
        let events = UnsafeMutableRawPointer.allocate(byteCount: 2 * csystem_event_size(), alignment: 8)
        defer { events.deallocate() }
        #expect(csystem_epoll_wait(epoll, events, 2, 0) == 0)
        #expect(csystem_eventfd_notify(counter) == 0)
        #expect(csystem_epoll_wait(epoll, events, 2, 0) == 1)
        #expect(csystem_event_key(events, 0) == 0x1234_5678_9abc_def0)
        #expect(csystem_event_bits(events, 0) == 1)
        #expect(csystem_epoll_remove(epoll, counter) == 0)
        #expect(csystem_epoll_wait(epoll, events, 2, 0) == 0)
    }

    @Test func aFullCounterIsReportedNotWaitedFor() {
        let counter = csystem_eventfd()
        defer { close(counter) }
        var almostFull = UInt64.max - 1
        #expect(write(counter, &almostFull, 8) == 8)
        #expect(csystem_eventfd_notify(counter) == -EAGAIN)
    }

    @Test func acceptedConnectionsAreNonBlockingAndCloseOnExec() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(listener)
            close(client)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let connected = withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
            guard let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            guard bind(listener, start, length) == 0, listen(listener, 1) == 0 else { return -1 }
            guard getsockname(listener, start, &length) == 0 else { return -1 }
            return connect(client, start, length)
        }
        try #require(connected == 0)
        var peer = sockaddr_in()
        let accepted = csystem_accept(listener, &peer, &length)
        try #require(accepted >= 0)
        defer { close(accepted) }
        #expect(peer.sin_family == sa_family_t(AF_INET))
        #expect(fcntl(accepted, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(accepted, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func errnosHaveTextsAndNames() {
        var text = [CChar](repeating: 1, count: 8)
        csystem_errno_text(EMFILE, &text, text.count)
        #expect(text.map { UInt8(bitPattern: $0) } == Array("Too man".utf8) + [0])
        #expect(csystem_errno_name(EMFILE).map { String(cString: $0) } == "EMFILE")
        #expect(csystem_errno_name(9999) == nil)
    }
}
