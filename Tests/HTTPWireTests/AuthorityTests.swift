import HTTPWire
import Testing

@Suite struct AuthorityTests {
    private func host(_ value: String) -> Parsed { Parsed("GET / HTTP/1.1\r\nHost:\(value)\r\n\r\n") }

    // RFC 9110 §7.2, RFC 3986 §3.2.2.
    @Test(arguments: [
        ("example.com", "example.com"), ("example.com:8080", "example.com"), ("127.0.0.1:1", "127.0.0.1"), ("a:", "a"),
        ("[::1]", "[::1]"), ("[::1]:443", "[::1]"), ("[::ffff:1.2.3.4]:65535", "[::ffff:1.2.3.4]"),
        ("[v1.a:b]", "[v1.a:b]"),
        ("a_b~!$&'()*+,;=c", "a_b~!$&'()*+,;=c"), ("%41b", "%41b"),
    ])
    func aValidHostIsSplitFromItsPort(value: String, name: String) {
        let parsed = host(" \(value) ")
        #expect(parsed.isComplete)
        #expect(parsed.text(parsed.head.authority) == value)
        #expect(parsed.text(parsed.head.host) == name)
    }

    @Test(arguments: [
        "user@a", "a/path", "a, b", "a b", "a?b", "a#b", "a\\b", "a:80:90", "a:x", "a:-1", "a:65536",
        "a:99999999999999999999",
        ":80", "%", "%4", "%zz", "[", "[]", "[:", "[::1", "[::1]x", "[g::1]", "[::1%25eth0]", "::1", "<a>", "\"a\"",
        "ä", "[v]",
    ])
    func anInvalidHostIsRefused(value: String) {
        #expect(host(value).refused == 400)
    }
}
