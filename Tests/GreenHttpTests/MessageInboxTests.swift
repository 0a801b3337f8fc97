import Testing
import WebSocketWire

@testable import GreenHttp

@Suite struct MessageInboxTests {
    private func message(_ count: Int, _ byte: UInt8 = 0) -> ReceivedMessage {
        ReceivedMessage(kind: .binary, bytes: Array(repeating: byte, count: count))
    }

    @Test func messagesComeOutInTheirOrder() {
        var inbox = MessageInbox()
        var next: UInt8 = 0
        for round in 0..<300 {
            inbox.append(message(1, UInt8(round % 250)))
            if round % 3 != 0 {
                #expect(inbox.first?.bytes == [next])
                #expect(inbox.takeFirst()?.bytes == [next])
                next = (next + 1) % 250
            }
        }
        #expect(inbox.count == 100 && inbox.byteCount == 100)
        while let taken = inbox.takeFirst() {
            #expect(taken.bytes == [next])
            next = (next + 1) % 250
        }
        #expect(inbox.isEmpty && inbox.byteCount == 0)
    }

    @Test func manyBytesOrManyMessagesFillIt() {
        var inbox = MessageInbox()
        inbox.append(message(MessageInbox.mostBytes - 1))
        #expect(!inbox.isFull && !inbox.hasRoom)
        inbox.append(message(1))
        #expect(inbox.isFull)
        inbox.takeFirst()
        #expect(inbox.hasRoom)
        for _ in 1..<MessageInbox.mostMessages { inbox.append(message(0)) }
        #expect(inbox.isFull && !inbox.hasRoom)
    }
}
