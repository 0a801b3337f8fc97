import EventLoop
import Green
import HTTPWire
import WebSocketWire

/// From bytes to messages.
extension WebSocketConnection {
    private static let roomSize = 65_536
    /// Rooms that are read before others have their turn.
    private static let mostRooms = 16

    /// Whether to read on. A server that sends more than is taken from us is held back, as is one that asks for pongs and
    /// does not take them.
    var wantsBytes: Bool {
        switch phase {
        case .connecting, .gone: false
        case .open: !inbox.isFull && unsent < Self.mostUnsent
        // Messages behind our close frame that find no room are dropped: the server's close frame has to be seen.
        case .handshaking, .closing, .leaving: true
        }
    }

    /// Reads what there is.
    func pump() {
        if isPumping || phase == .connecting || phase == .gone { return }
        isPumping = true
        var mayHaveMore = false
        withUnsafeTemporaryAllocation(byteCount: Self.roomSize, alignment: 16) { room in
            for _ in 0..<Self.mostRooms {
                guard wantsBytes, let transport else { return }
                switch transport.receive(into: room) {
                case .bytes(let count):
                    lastHeard = client.now
                    take(UnsafeRawBufferPointer(rebasing: room[..<count]))
                case .later: return
                case .end: return peerEnded(nil)
                case .failed(let problem): return peerEnded(problem)
                }
            }
            mayHaveMore = true
        }
        isPumping = false
        flush()
        if mayHaveMore { pumpLater() }
    }

    /// Reads on, on a later turn.
    func pumpLater() {
        if phase == .connecting || phase == .gone { return }
        pumping.connection = self
        client.loop.enqueue(pumping)
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        switch phase {
        case .handshaking: readHead(bytes)
        case .open, .closing: read(bytes)
        // Nothing that comes behind a close frame counts (RFC 6455 §1.4).
        case .connecting, .leaving, .gone: break
        }
    }

    /// Takes bytes of frames.
    func read(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while phase == .open || phase == .closing {
            switch decoder.next(rest) {
            case .needsMore: return
            case .failed(let error): return fail(error)
            case .event(let event, let consumed):
                act(on: event)
                rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
            }
        }
    }

    private func act(on event: MessageEvent) {
        switch event {
        case .text(let bytes): deliver(.text, bytes)
        case .binary(let bytes): deliver(.binary, bytes)
        case .ping(let bytes):
            // Cannot fail: a ping has no more bytes than a pong may have.
            if phase == .open { try? writer.pong(bytes, into: &waiting) }
        case .pong(let bytes): ponged(bytes)
        case .close(let code, let reason):
            peerCloses(code, String(decoding: reason, as: UTF8.self))
        }
    }

    private func deliver(_ kind: MessageKind, _ bytes: UnsafeRawBufferPointer) {
        if phase == .closing, inbox.isFull { return }
        inbox.append(ReceivedMessage(kind: kind, bytes: Array(bytes)))
        promiseMessage()
        observer?()
    }

    /// A message is for the one who has waited longest.
    func promiseMessage() {
        if receivers.handToFirst() { promised += 1 }
    }

    /// Whether there is a message that no woken green owns.
    var hasMessage: Bool { inbox.count > promised }

    /// A message was taken from the inbox: more may be read.
    func messageWasTaken() {
        if phase == .open, inbox.hasRoom, !isReading { pumpLater() }
    }
}
