import WebSocketWire

/// A message that has come.
struct ReceivedMessage {
    let kind: MessageKind
    let bytes: [UInt8]
}

/// The messages that nobody has taken yet, first in first out.
struct MessageInbox {
    private var items: [ReceivedMessage] = []
    private var taken = 0
    /// Of their payloads.
    private(set) var byteCount = 0

    /// Bytes, and messages, from which on nothing more is read from the connection.
    static let mostBytes = 1 << 20
    static let mostMessages = 1024

    var count: Int { items.count - taken }
    var isEmpty: Bool { count == 0 }
    /// The server is held back.
    var isFull: Bool { byteCount >= Self.mostBytes || count >= Self.mostMessages }
    /// It may go on.
    var hasRoom: Bool { byteCount <= Self.mostBytes / 2 && count <= Self.mostMessages / 2 }

    var first: ReceivedMessage? { isEmpty ? nil : items[taken] }

    mutating func append(_ message: ReceivedMessage) {
        items.append(message)
        byteCount += message.bytes.count
    }

    @discardableResult
    mutating func takeFirst() -> ReceivedMessage? {
        guard let first else { return nil }
        byteCount -= first.bytes.count
        items[taken] = ReceivedMessage(kind: .binary, bytes: [])
        taken += 1
        if taken == items.count {
            items.removeAll(keepingCapacity: items.capacity <= 64)
            taken = 0
        } else if taken >= 64, taken * 2 > items.count {
            items.removeFirst(taken)
            taken = 0
        }
        return first
    }
}
