import HTTPWire
import Testing

@Suite struct RequestParserFinishTests {
    // RFC 9112 §3.2.
    @Test func aMissingHostIsRefusedInHTTP11Only() {
        #expect(Parsed("GET / HTTP/1.1\r\n\r\n").refused == 400)
        #expect(Parsed("GET http://a/ HTTP/1.1\r\n\r\n").refused == 400)
        let old = Parsed("GET / HTTP/1.0\r\n\r\n")
        #expect(old.isComplete)
        #expect(old.head.authority.count == 0)
    }

    // RFC 9110 §4.2.1: an http URI has a host; RFC 9112 §3.2.2: an absolute target brings its own.
    @Test func anEmptyHostIsRefusedUnlessTheTargetHasOne() {
        #expect(Parsed("GET / HTTP/1.1\r\nHost:\r\n\r\n").refused == 400)
        #expect(Parsed("GET / HTTP/1.0\r\nHost: \r\n\r\n").refused == 400)
        #expect(Parsed("OPTIONS * HTTP/1.1\r\nHost: \r\n\r\n").refused == 400)
        let absolute = Parsed("GET http://b/ HTTP/1.1\r\nHost: \r\n\r\n")
        #expect(absolute.isComplete)
        #expect(absolute.text(absolute.head.authority) == "b")
    }

    // RFC 9112 §6.1 and §6.3 item 3: ought to be handled as an error.
    @Test func bothFramingFieldsAreRefusedInAnyOrder() {
        #expect(post("Content-Length: 5", "Transfer-Encoding: chunked").refused == 400)
        #expect(post("Transfer-Encoding: chunked", "Content-Length: 5").refused == 400)
        #expect(post("Transfer-Encoding: chunked", "Content-Length: 0").refused == 400)
    }

    // RFC 9112 §6.3 item 7: a request without framing fields has no body, whatever its method.
    @Test func aRequestWithoutFramingFieldsHasNoBody() {
        #expect(post().head.framing == .none)
        #expect(get("Content-Length: 3").head.framing == .length(3))
    }

    // RFC 9110 §15.5.14.
    @Test func aBodyOverTheLimitIsRefused() {
        var limits = RequestLimits()
        limits.body = 10
        let request = { (length: Int) in "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n" }
        #expect(Parsed(request(10), limits: limits).isComplete)
        #expect(Parsed(request(11), limits: limits).refused == 413)
        #expect(Parsed(request(900_000_000_000_000_000), limits: limits).refused == 413)
    }

    // RFC 9110 §9.3.6 and §9.3.8.
    @Test func traceAndConnectHaveNoBody() {
        #expect(Parsed("TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n").refused == 400)
        #expect(Parsed("CONNECT a:1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").refused == 400)
        #expect(Parsed("TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").isComplete)
    }
}
