import HTTPWire
import Testing

@Suite struct RequestParserFieldsTests {
    // RFC 9112 §5.1: optional white space around the value is not part of it.
    @Test func aValueIsTakenWithoutTheWhiteSpaceAroundIt() {
        let parsed = get("A:b", "C: \t d e \t ", "E:", "F: \t", "G:\t:h:")
        #expect(parsed.fieldTexts == ["Host=a", "A=b", "C=d e", "E=", "F=", "G=:h:"])
    }

    // RFC 9112 §5.1: no white space between name and colon.
    @Test(arguments: ["A : b", "A\t: b", "A :b"])
    func whiteSpaceBeforeTheColonIsRefused(line: String) {
        #expect(get(line).refused == 400)
    }

    // RFC 9112 §5.2: a server refuses folded lines, or replaces them; here they are refused.
    @Test func foldedLinesAreRefused() {
        #expect(get("A: b", " c").refused == 400)
        #expect(get("A: b", "\tc: d").refused == 400)
        #expect(get("A: b", " ").refused == 400)
    }

    // RFC 9112 §2.2: white space between the request line and the first field.
    @Test func whiteSpaceBeforeTheFirstFieldIsRefused() {
        #expect(Parsed("GET / HTTP/1.1\r\n Host: a\r\n\r\n").refused == 400)
        #expect(Parsed("GET / HTTP/1.1\r\n \r\nHost: a\r\n\r\n").refused == 400)
    }

    // RFC 9110 §5.1 and §5.6.2.
    @Test func aNameIsMadeOfTokenCharactersOnly() {
        let others = "!#$%&'*+-.^_`|~"
        for byte in UInt8.min...UInt8.max where byte != 0x3A {
            let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nx".utf8) + [byte] + Array("x: y\r\n\r\n".utf8)
            let alphanumeric =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            #expect(Parsed(bytes).isComplete == (alphanumeric || others.utf8.contains(byte)), "byte \(byte)")
        }
    }

    @Test(arguments: [": b", "NoColon", ":", "Bad[Name: b"])
    func aLineWithoutANameAndAColonIsRefused(line: String) {
        #expect(get(line).refused == 400)
    }

    // RFC 9110 §5.5: no control characters but tabs; obs-text is let through.
    @Test func aValueHoldsNoControlCharacters() {
        for position in 0..<20 {
            for byte in UInt8.min...UInt8.max {
                var value = [UInt8](repeating: 0x61, count: 20)
                value[position] = byte
                let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nx: ".utf8) + value + Array("\r\n\r\n".utf8)
                let allowed = byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
                if Parsed(bytes).isComplete != allowed { Issue.record("byte \(byte) at \(position)") }
            }
        }
    }

    // RFC 6585 §5.
    @Test func tooManyFieldsAreRefused() {
        var limits = RequestLimits()
        limits.fieldCount = 40
        let request = { (count: Int) in
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: count - 1) + "\r\n"
        }
        let full = Parsed(request(40), limits: limits)
        #expect(full.isComplete)
        #expect(full.fieldTexts == ["Host=a"] + [String](repeating: "X=y", count: 39))
        #expect(Parsed(request(41), limits: limits).refused == 431)
    }

    // RFC 9112 §3.2.
    @Test func moreThanOneHostIsRefused() {
        #expect(get("Host: b").refused == 400)
        #expect(get("host: a").refused == 400)
        #expect(Parsed("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n").refused == 400)
    }

    // RFC 9110 §8.6.
    @Test func aContentLengthIsTheBodysLength() {
        #expect(post("Content-Length: 5").head.framing == .length(5))
        #expect(post("CONTENT-length:\t16777216 ").head.framing == .length(16_777_216))
        #expect(post("Content-Length: 0").head.framing == .none)
    }

    @Test(arguments: [
        "", "abc", "+5", "-1", "-0", "0x5", "0o5", "1_0", "1 0", "5, 5", "5, 10", "5,", ",5", "5.0", "5;a", "00", "005",
        "18446744073709551616", "99999999999999999999", "9223372036854775808", "\u{B}5", "٥",
    ])
    func anythingButOnePlainNumberIsNoContentLength(value: String) {
        #expect(post("Content-Length: \(value)").refused == 400)
    }

    // RFC 9112 §6.3 item 5 lets equal values pass; a second field is refused all the same.
    @Test func aSecondContentLengthIsRefused() {
        #expect(post("Content-Length: 5", "Content-Length: 10").refused == 400)
        #expect(post("Content-Length: 5", "Content-Length: 5").refused == 400)
    }

    // RFC 9112 §6.1 and §7.1.
    @Test func aChunkedBodyIsAnnouncedInAnyCase() {
        #expect(post("Transfer-Encoding: chunked").head.framing == .chunked)
        #expect(post("TRANSFER-ENCODING:\tChunked ").head.framing == .chunked)
    }

    // RFC 9112 §6.1: a coding that is not understood is answered with 501.
    @Test(arguments: ["gzip", "gzip, chunked", "identity", "xchunked", "chunkedx", "gzip , deflate"])
    func anUnknownCodingIsNotImplemented(value: String) {
        #expect(post("Transfer-Encoding: \(value)").refused == 501)
    }

    // RFC 9112 §6.3 item 4.
    @Test(arguments: [
        "", "chunked, gzip", "chunked, chunked", "gzip, chunked, gzip", ", chunked", "chunked,", "chunked;a=b",
        "\u{B}chunked",
        "\u{C}chunked", "chunked\u{0}", "\"chunked\"", "chunk ed", "gzip chunked", ",",
    ])
    func aMalformedOrMisplacedCodingIsRefused(value: String) {
        #expect(post("Transfer-Encoding: \(value)").refused == 400)
    }

    @Test func aSecondTransferEncodingIsRefused() {
        #expect(post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked").refused == 400)
        #expect(post("Transfer-Encoding: chunked", "Transfer-Encoding: identity").refused == 400)
        #expect(post("Transfer-Encoding: chunked", "Transfer-Encoding:").refused == 400)
    }

    // RFC 9112 §6.1: a transfer coding in HTTP/1.0 means faulty framing.
    @Test func transferEncodingInHTTP10IsRefused() {
        #expect(Parsed("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").refused == 400)
    }

    @Test func framingFieldsSpelledWithUnderscoresAreRefused() {
        #expect(post("Transfer_Encoding: chunked").refused == 400)
        #expect(post("content_length: 5").refused == 400)
        #expect(post("Content_Type: a").isComplete)
        #expect(post("Content-Lengthy: a", "Xontent-Length: a", "Transfer-Encodinx: a").isComplete)
    }
}
