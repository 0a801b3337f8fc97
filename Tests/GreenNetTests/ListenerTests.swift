import CSystem
import EventLoop
import Glibc
import Testing

@testable import GreenNet

@Suite struct ListenerTests {
    private let loop: EventLoop
    private let accepted = Accepted()

    init() throws {
        loop = try EventLoop(clock: .manual)
    }

    /// Answers accept calls with errors first, then by accepting; counts them.
    private final class FaultyAccept {
        var codes: [Int32] = []
        var alwaysFailsWith: Int32?
        var calls = 0

        func accept(
            _ descriptor: Int32, _ address: UnsafeMutablePointer<sockaddr>, _ length: UnsafeMutablePointer<socklen_t>
        ) -> Int32 {
            calls += 1
            if let alwaysFailsWith { return -alwaysFailsWith }
            if !codes.isEmpty { return -codes.removeFirst() }
            return csystem_accept(descriptor, address, length)
        }
    }

    private func listener(
        _ address: String = "127.0.0.1:0", faults: FaultyAccept = FaultyAccept(), batch: Int = 32
    ) throws -> Listener {
        var options = ListenerOptions()
        options.batch = batch
        let accepted = accepted
        return try Listener(
            loop: loop, address: BindAddress(parsing: address), options: options,
            accept: { faults.accept($0, $1, $2) }, onAccept: { accepted.take($0, $1) })
    }

    private func turn(_ count: Int = 1) {
        for _ in 0..<count { loop.runOnce(blocking: false) }
    }

    @Test func portZeroBecomesTheChosenPort() throws {
        let listener = try listener()
        #expect(listener.localAddress.host == "127.0.0.1")
        #expect(listener.localAddress.port ?? 0 > 0)
        listener.close()
    }

    @Test func aConnectionIsHandedOnWithItsPeer() throws {
        let listener = try listener()
        listener.resume()
        let client = try #require(Client(to: listener.localAddress))
        turn()
        #expect(accepted.descriptors.count == 1)
        #expect(accepted.peers == [SocketAddress.local(of: client.descriptor)])
        listener.close()
    }

    @Test func anAcceptedSocketIsNonBlockingClosedOnExecAndWithoutDelay() throws {
        for address in ["127.0.0.1:0", "*:0"] {
            let listener = try listener(address)
            listener.resume()
            let port = try #require(listener.localAddress.port)
            let client = Client(to: try BindAddress(parsing: "\(port)").socketAddress)
            #expect(client != nil)
            turn()
            let descriptor = try #require(accepted.descriptors.last)
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            var value: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            #expect(getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &length) == 0)
            #expect(value != 0)
            #expect(accepted.peers.last?.host == "127.0.0.1")
            listener.close()
        }
        #expect(accepted.descriptors.count == 2)
    }

    @Test func aNewListenerIsPausedAndTheBacklogWaits() throws {
        let listener = try listener()
        let client = Client(to: listener.localAddress)
        #expect(client != nil)
        #expect(!listener.isAccepting)
        turn()
        #expect(accepted.descriptors.isEmpty)
        listener.resume()
        turn()
        #expect(accepted.descriptors.count == 1)
        listener.close()
    }

    @Test func aBatchBoundsHowManyAreAcceptedInATurn() throws {
        let listener = try listener(batch: 2)
        listener.resume()
        let clients = (0..<5).map { _ in Client(to: listener.localAddress) }
        #expect(clients.allSatisfy { $0 != nil })
        turn()
        #expect(accepted.descriptors.count == 2)
        turn(2)
        #expect(accepted.descriptors.count == 5)
        listener.close()
    }

    @Test func pausingInsideTheCallbackStopsAtOnce() throws {
        let pausing = PausingListener(loop: loop, accepted: accepted)
        try pausing.open()
        let local = try #require(pausing.listener?.localAddress)
        let clients = (0..<3).map { _ in Client(to: local) }
        #expect(clients.allSatisfy { $0 != nil })
        turn(3)
        #expect(accepted.descriptors.count == 1)
        pausing.listener?.resume()
        turn(3)
        #expect(accepted.descriptors.count == 2)
        pausing.listener?.close()
    }

    @Test func connectionsThatFailedAreSkipped() throws {
        let faults = FaultyAccept()
        faults.codes = [ECONNABORTED, EINTR, EPROTO, ENETDOWN]
        let listener = try listener(faults: faults)
        var troubles = 0
        listener.onTrouble = { _ in troubles += 1 }
        listener.resume()
        let client = Client(to: listener.localAddress)
        #expect(client != nil)
        turn()
        #expect(accepted.descriptors.count == 1)
        #expect(troubles == 0)
        listener.close()
    }

    @Test(arguments: [EMFILE, ENFILE, ENOMEM, ENOBUFS, EINVAL])
    func exhaustionBacksOffReportsOnceAndRecovers(_ code: Int32) throws {
        let faults = FaultyAccept()
        faults.alwaysFailsWith = code
        let listener = try listener(faults: faults)
        var troubles: [NetError] = []
        listener.onTrouble = { troubles.append($0) }
        listener.resume()
        let client = Client(to: listener.localAddress)
        #expect(client != nil)

        turn(50)
        #expect(faults.calls == 1)
        #expect(listener.isAccepting)
        // 100, 200, 400, 800 and then always 1000 ms.
        for (milliseconds, calls) in [
            (99, 1), (1, 2), (199, 2), (1, 3), (400, 4), (800, 5), (999, 5), (1, 6), (1_000, 7),
        ] {
            loop.advance(by: .milliseconds(milliseconds))
            turn(3)
            #expect(faults.calls == calls)
        }
        #expect(troubles.map(\.code) == [code])

        faults.alwaysFailsWith = nil
        loop.advance(by: .seconds(1))
        turn()
        #expect(accepted.descriptors.count == 1)

        // It worked in between: the next trouble is reported, and begins at 100 ms again.
        faults.alwaysFailsWith = code
        let another = Client(to: listener.localAddress)
        #expect(another != nil)
        turn()
        #expect(troubles.count == 2)
        let calls = faults.calls
        loop.advance(by: .milliseconds(100))
        turn()
        #expect(faults.calls == calls + 1)
        listener.close()
    }

    @Test func pausingEndsABackOffAndResumingTriesAtOnce() throws {
        let faults = FaultyAccept()
        faults.codes = [EMFILE]
        let listener = try listener(faults: faults)
        listener.resume()
        let client = Client(to: listener.localAddress)
        #expect(client != nil)
        turn()
        listener.pause()
        #expect(!loop.hasPendingWork)
        loop.advance(by: .seconds(5))
        turn()
        #expect(faults.calls == 1)
        listener.resume()
        turn()
        #expect(accepted.descriptors.count == 1)
        listener.close()
    }

    @Test func resumingDuringABackOffDoesNotShortenIt() throws {
        let faults = FaultyAccept()
        faults.codes = [EMFILE]
        let listener = try listener(faults: faults)
        listener.resume()
        let client = Client(to: listener.localAddress)
        #expect(client != nil)
        turn()
        listener.resume()
        turn()
        #expect(faults.calls == 1)
        listener.close()
    }

    @Test func aClosedListenerRefusesAndStaysClosed() throws {
        let listener = try listener()
        listener.resume()
        listener.close()
        listener.close()
        listener.resume()
        listener.pause()
        #expect(!listener.isAccepting)
        #expect(!loop.hasPendingWork)
        #expect(Client(to: listener.localAddress) == nil)
    }

    @Test func aUnixListenerAcceptsAndRemovesItsFileWhenClosed() throws {
        let place = try SocketPlace()
        let address = try place.address()
        let listener = try listener(address.description)
        listener.resume()
        let client = Client(to: address.socketAddress)
        #expect(client != nil)
        turn()
        #expect(accepted.peers.map(\.description) == ["unix:"])
        #expect(listener.localAddress.description == address.description)
        listener.close()
        #expect(access(place.path + "/x.sock", F_OK) != 0)
    }

    @Test func aListenerThatIsLetGoWhilePausedClosesItself() throws {
        let place = try SocketPlace()
        weak var weakListener: Listener?
        do {
            let listener = try listener(place.address().description)
            weakListener = listener
            listener.resume()
            listener.pause()
        }
        #expect(weakListener == nil)
        #expect(access(place.path + "/x.sock", F_OK) != 0)
    }

    @Test func aBackOffKeepsTheListenerAliveAsAcceptingDoes() throws {
        let faults = FaultyAccept()
        faults.codes = [EMFILE]
        weak var weakListener: Listener?
        var client: Client?
        do {
            let listener = try listener(faults: faults)
            weakListener = listener
            listener.resume()
            client = Client(to: listener.localAddress)
        }
        turn()
        #expect(weakListener?.isAccepting == true)
        loop.advance(by: .milliseconds(100))
        turn()
        #expect(accepted.descriptors.count == 1)
        #expect(client != nil)
        weakListener?.close()
        #expect(weakListener == nil)
    }

    @Test func theDelaysDoubleFrom100MillisecondsTo1Second() {
        var backOff = BackOff()
        #expect(backOff.isFresh)
        #expect((0..<6).map { _ in backOff.next() } == [100, 200, 400, 800, 1_000, 1_000].map { .milliseconds($0) })
        #expect(!backOff.isFresh)
    }
}

/// Pauses its listener at each connection, as a limit of connections does.
private final class PausingListener {
    private let loop: EventLoop
    private let accepted: Accepted
    private(set) var listener: Listener?

    init(loop: EventLoop, accepted: Accepted) {
        self.loop = loop
        self.accepted = accepted
    }

    func open() throws {
        listener = try Listener(loop: loop, address: BindAddress(parsing: "127.0.0.1:0")) { [unowned self] in
            accepted.take($0, $1)
            listener?.pause()
        }
        listener?.resume()
    }
}
