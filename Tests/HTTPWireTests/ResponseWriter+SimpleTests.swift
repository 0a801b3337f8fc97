import HTTPWire
import Testing

@Suite struct ResponseWriterSimpleTests {
    private func simple(_ status: Int, keepAlive: Bool = true, includesBody: Bool = true) -> String {
        var buffer = ByteBuffer()
        let date = DateHeader(784_111_777)
        "hi\n".utf8.withContiguousStorageIfAvailable { body in
            ResponseWriter.simple(
                status: status, contentType: "text/plain", body: UnsafeRawBufferPointer(body), date: date,
                keepAlive: keepAlive,
                includesBody: includesBody, into: &buffer)
        }
        return String(decoding: buffer.readableBytes, as: UTF8.self)
    }

    private let dateLine = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    @Test func aResponseIsWrittenWhole() {
        #expect(
            simple(200) == "HTTP/1.1 200 OK\r\n\(dateLine)Content-Type: text/plain\r\nContent-Length: 3\r\n\r\nhi\n")
    }

    @Test func aClosingResponseSaysSo() {
        #expect(simple(200, keepAlive: false).contains("\r\nConnection: close\r\n\r\nhi\n"))
    }

    @Test func aPreparedHeadGetsLengthAndBody() {
        for count in [0, 1, 9, 10, 99, 100, 12_345] {
            let body = String(repeating: "b", count: count)
            var buffer = ByteBuffer()
            buffer.append("before")
            Array("Head\r\nContent-Length: ".utf8).withUnsafeBytes { head in
                Array(body.utf8).withUnsafeBytes { ResponseWriter.prepared(head: head, body: $0, into: &buffer) }
            }
            buffer.append("behind")
            #expect(
                String(decoding: buffer.readableBytes, as: UTF8.self)
                    == "beforeHead\r\nContent-Length: \(count)\r\n\r\n\(body)behind")
        }
    }

    // RFC 9110 §9.3.2: HEAD is answered like GET, without the body.
    @Test func anAnswerToHeadHasTheLengthAndNoBody() {
        #expect(simple(200, includesBody: false).hasSuffix("Content-Length: 3\r\n\r\n"))
    }

    // RFC 9110 §8.6, §15.3.5 and §15.4.5.
    @Test(arguments: [204, 304, 101]) func aResponseWithoutABodyHasNoLength(status: Int) {
        let phrase = reasonPhrase(for: status).description
        #expect(simple(status) == "HTTP/1.1 \(status) \(phrase)\r\n\(dateLine)\r\n")
    }

    @Test func aRefusalClosesAndSaysWhy() {
        var buffer = ByteBuffer()
        guard case .failed(let error) = Parsed("GET / HTTP/9.9\r\n\r\n").progress else {
            Issue.record("an unknown version was accepted")
            return
        }
        ResponseWriter.refusal(error, date: DateHeader(784_111_777), into: &buffer)
        let text = String(decoding: buffer.readableBytes, as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 505 HTTP Version Not Supported\r\n"))
        #expect(text.contains("Connection: close\r\n"))
        #expect(text.hasSuffix("\r\n\r\n\(error.message)"))
    }
}
