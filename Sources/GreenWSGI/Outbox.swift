import EventLoop
import HTTPWire

/// Responses that are all written, to be sent one after the other at the end of the loop's turn.
///
/// Why: the kernel sends many in a row for less than it takes to send each between reading and handling requests,
/// because what it needs for that is still in the processor's caches. Under load that saves a few percent of all the
/// CPU time a small response takes; with one request in a turn nothing is done later than it would be.
///
/// Only the commonest end of an exchange goes this way (`HTTPConnection.settle`). What waits here is always before
/// anything else that its connection sends. A response waits for the rest of the turn at most, and not beyond a tick
/// of the coarse clock (1 to 10 ms, by the kernel's configuration) and one handler's run: the next response that is
/// finished in another tick has all sent. Loop thread only.
final class Outbox: LoopTask {
    private struct Entry {
        /// nil when its bytes are sent.
        /// Safety: an open connection is held by its table, and takes its entry out when it closes.
        var connection: Unmanaged<HTTPConnection>?
        var start: Int
        var count: Int
    }

    /// Most responses and bytes that wait; what comes beyond them is sent at once.
    private static let mostEntries = 256
    private static let mostBytes = 65_536

    /// Not counted, as it is used for every response.
    /// Safety: the server, which owns this, holds the loop, and takes itself out at its end.
    private unowned(unsafe) var loop: EventLoop?
    private var bytes = ByteBuffer(capacity: 16_384)
    private let entries: UnsafeMutablePointer<Entry>
    private var count = 0
    /// When the first of them came.
    private var tick = 0

    init(_ loop: EventLoop) {
        self.loop = loop
        entries = .allocate(capacity: Self.mostEntries)
        super.init()
    }

    deinit { entries.deallocate() }

    /// Takes a response, of a connection that has none here; false when there is no room, and it is to be sent at once.
    /// - Parameter tick: which tick of the coarse clock this is.
    func take(_ response: UnsafeRawBufferPointer, of connection: HTTPConnection, tick: Int) -> Bool {
        if tick != self.tick {
            self.tick = tick
            sendAll()
        }
        guard count < Self.mostEntries, bytes.count &+ response.count <= Self.mostBytes else { return false }
        (entries + count).initialize(
            to: Entry(connection: .passUnretained(connection), start: bytes.count, count: response.count))
        bytes.append(response)
        connection.unsent = count
        if count == 0, let loop { loop.enqueueLast(self) }
        count &+= 1
        return true
    }

    /// The server goes: there is nothing here, for it has no connection.
    func end() { loop = nil }

    override func run() { sendAll() }

    private func sendAll() {
        var index = 0
        while index < count {
            let entry = entries[index]
            index &+= 1
            guard let connection = entry.connection else { continue }
            // Safety: what is open is held by its table, and sending alone closes nothing.
            let sent = connection._withUnsafeGuaranteedRef { $0.transmit(bytes(of: entry)) }
            if sent == entry.count {
                connection._withUnsafeGuaranteedRef { $0.unsent = -1 }
            } else {
                // Retained, as it may close.
                connection.takeUnretainedValue().couldNotSend(bytes(of: entry), sent)
            }
        }
        count = 0
        bytes.removeAll()
    }

    /// Takes a connection's bytes out; they stay where they are until the next call.
    func takeOut(_ index: Int) -> UnsafeRawBufferPointer {
        entries[index].connection = nil
        return bytes(of: entries[index])
    }

    private func bytes(of entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes.readableBytes[entry.start..<entry.start + entry.count])
    }
}

extension HTTPConnection {
    /// Sends what was written to the server's buffer: a response that is all there, at the end of the turn.
    func post() {
        if phase == .head, keepAlive, pending == nil, unsent < 0, !inputHasEnded, !server.stopping, !hasInput,
            !server.output.isEmpty, waits(server.output.readableBytes)
        {
            server.output.removeAll()
        } else {
            flush()
        }
    }

    private func waits(_ response: UnsafeRawBufferPointer) -> Bool {
        server.uncountedOutbox._withUnsafeGuaranteedRef { $0.take(response, of: self, tick: server.tick) }
    }

    private var hasInput: Bool {
        guard let input else { return false }
        return !input.buffer.isEmpty
    }

    /// Sends what waits in the outbox, if anything does.
    func sendUnsent() {
        guard unsent >= 0 else { return }
        let bytes = server.outbox.takeOut(unsent)
        unsent = -1
        let sent = transmit(bytes)
        if sent != bytes.count { couldNotSend(bytes, sent) }
    }

    /// The socket did not take a whole response: -1 when the client is gone.
    func couldNotSend(_ response: UnsafeRawBufferPointer, _ sent: Int) {
        unsent = -1
        guard keep(response, behind: sent) else { return clientGone() }
        // The next request has to wait until this is sent.
        if phase == .head, pending != nil { phase = .handling }
    }

    /// Sends what waits in the outbox as far as the socket takes it, for the connection closes.
    func sendUnsentAtLast() {
        guard unsent >= 0 else { return }
        let bytes = server.outbox.takeOut(unsent)
        unsent = -1
        _ = transmit(bytes)
    }
}
