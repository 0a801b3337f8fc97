import HTTPWire
import Testing

@Suite struct DateHeaderTests {
    private func line(_ header: borrowing DateHeader) -> String {
        var buffer = ByteBuffer()
        header.append(to: &buffer)
        return String(decoding: buffer.readableBytes, as: UTF8.self)
    }

    // RFC 9110 §6.6.1.
    @Test func theLineFollowsTheSecond() {
        var header = DateHeader(784_111_777)
        let first = line(header)
        header.update(784_111_777)
        let same = line(header)
        header.update(784_111_778)
        let next = line(header)
        #expect(first == "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
        #expect(same == first)
        #expect(next == "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n")
    }
}
