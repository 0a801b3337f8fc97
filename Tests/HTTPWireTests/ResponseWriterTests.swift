import HTTPWire
import Testing

@Suite struct ResponseWriterTests {
    private func text(_ write: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        write(&buffer)
        return String(decoding: buffer.readableBytes, as: UTF8.self)
    }

    private func field(_ name: [UInt8], _ value: [UInt8]) -> String? {
        var buffer = ByteBuffer()
        let written = name.withUnsafeBytes { name in
            value.withUnsafeBytes { ResponseWriter.field(name, $0, into: &buffer) }
        }
        let text = String(decoding: buffer.readableBytes, as: UTF8.self)
        #expect(written || text.isEmpty)
        return written ? text : nil
    }

    // RFC 9112 §4.
    @Test func aStatusLineHasVersionCodeAndPhrase() {
        #expect(text { ResponseWriter.statusLine(200, into: &$0) } == "HTTP/1.1 200 OK\r\n")
        #expect(text { ResponseWriter.statusLine(200, minorVersion: 0, into: &$0) } == "HTTP/1.0 200 OK\r\n")
        #expect(text { ResponseWriter.statusLine(404, into: &$0) } == "HTTP/1.1 404 Not Found\r\n")
        #expect(text { ResponseWriter.statusLine(799, into: &$0) } == "HTTP/1.1 799 \r\n")
    }

    @Test func aPhraseOfItsOwnCannotEndTheLine() {
        for (phrase, valid) in [("Very Fine", true), ("a\r\nX: y", false), ("a\nb", false), ("", true)] {
            var buffer = ByteBuffer()
            let written = Array(phrase.utf8).withUnsafeBytes {
                ResponseWriter.statusLine(200, reason: $0, into: &buffer)
            }
            let text = String(decoding: buffer.readableBytes, as: UTF8.self)
            #expect(written == valid)
            #expect(text == (valid ? "HTTP/1.1 200 \(phrase)\r\n" : ""))
        }
    }

    @Test func aFieldLineHasNameAndValue() {
        #expect(field(Array("X-A".utf8), Array("b c".utf8)) == "X-A: b c\r\n")
        #expect(field(Array("X-A".utf8), []) == "X-A: \r\n")
        #expect(text { _ = ResponseWriter.field("A", "é\tb", into: &$0) } == "A: é\tb\r\n")
        #expect(text { ResponseWriter.literalField("A", "b", into: &$0) } == "A: b\r\n")
        #expect(text { ResponseWriter.contentLength(1_234, into: &$0) } == "Content-Length: 1234\r\n")
        #expect(text { ResponseWriter.transferEncodingChunked(into: &$0) } == "Transfer-Encoding: chunked\r\n")
    }

    // RFC 9110 §5.5.
    @Test func noValueCanEndTheLine() {
        for byte in UInt8.min...UInt8.max {
            let allowed = byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
            #expect((field([0x61], [0x62, byte, 0x63]) != nil) == allowed, "byte \(byte)")
        }
    }

    // RFC 9110 §5.1.
    @Test func onlyATokenIsAName() {
        #expect(field([], [0x61]) == nil)
        for byte in UInt8.min...UInt8.max {
            let alphanumeric =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            let allowed = alphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            #expect((field([0x61, byte], [0x61]) != nil) == allowed, "byte \(byte)")
        }
    }

    // RFC 9112 §7.1.
    @Test func chunksAreReadBackByTheDecoder() {
        let written = text { buffer in
            for size in [1, 0, 15, 16, 300] {
                [UInt8](repeating: 0x78, count: size).withUnsafeBytes { ResponseWriter.chunk($0, into: &buffer) }
            }
            ResponseWriter.lastChunk(into: &buffer)
        }
        #expect(written.hasPrefix("1\r\nx\r\nf\r\nx"))
        let decoded = Decoded(written)
        #expect(decoded.end == .finished)
        #expect(decoded.body.count == 332)
    }

    @Test func theInterimResponseIsComplete() {
        #expect(text { ResponseWriter.continueInterim(into: &$0) } == "HTTP/1.1 100 Continue\r\n\r\n")
    }
}
