import HTTPWire
import Testing

@Suite struct RequestParserRequestLineTests {
    // RFC 9112 §3: method SP request-target SP HTTP-version, single spaces.
    @Test(arguments: [
        "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", "GET / HTTP/1.1 ", "GET HTTP/1.1",
        "GET /", "GET", "GET ", "GET / ", "GET /pa th HTTP/1.1", "GET / HTTP/1.1 x", "HTTP/1.1", "GET  HTTP/1.1",
    ])
    func aRequestLineHasThreePartsAndTwoSpaces(line: String) {
        #expect(Parsed("\(line)\r\nHost: a\r\n\r\n").refused == 400)
    }

    // RFC 9112 §2.3: HTTP-version is case-sensitive, one digit each.
    @Test(arguments: [
        "http/1.1", "HTTP/1", "HTTP/1.", "HTTP/01.01", "HTTP/ 1.1", "HTTP/1,1", "HTTP/1.x", "HTTP/x.1", "HTTQ/1.1",
        "XTTP/1.1",
    ])
    func aMisspelledVersionIsRefused(version: String) {
        #expect(Parsed("GET / \(version)\r\nHost: a\r\n\r\n").refused == 400)
    }

    @Test(arguments: ["HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9"])
    func anotherMajorVersionIsNotSupported(version: String) {
        #expect(Parsed("GET / \(version)\r\nHost: a\r\n\r\n").refused == 505)
    }

    @Test func theHTTP2PrefaceIsNotSupported() {
        #expect(Parsed("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").refused == 505)
    }

    // RFC 9110 §2.5: a later minor version is read as the highest one known.
    @Test func laterMinorVersionsAreReadAsOne() {
        #expect(Parsed("GET / HTTP/1.7\r\nHost: a\r\n\r\n").head.minorVersion == 1)
        #expect(Parsed("GET / HTTP/1.1\r\nHost: a\r\n\r\n").head.minorVersion == 1)
        #expect(Parsed("GET / HTTP/1.0\r\nHost: a\r\n\r\n").head.minorVersion == 0)
    }

    // RFC 9110 §9.1: methods are tokens and case-sensitive; unknown ones are the server's business.
    @Test func unknownMethodsAreOther() {
        for method in ["get", "Get", "PROPFIND", "X-!#$%&'*+.^_`|~", "M"] {
            let parsed = target("/", method: method)
            #expect(parsed.head.method == .other)
            #expect(parsed.text(parsed.head.methodName) == method)
        }
    }

    @Test(arguments: ["G(T", "G\"T", "GE:T", "G/T", "GÉT", "G\u{0}T", "G\u{7F}T"])
    func aMethodThatIsNoTokenIsRefused(method: String) {
        #expect(target("/", method: method).refused == 400)
    }

    // RFC 9112 §3.2.1.
    @Test func originFormHasPathAndQuery() {
        let parsed = target("/a/b%20c;d=1?e=f&g?/h")
        #expect(parsed.head.targetForm == .origin)
        #expect(parsed.text(parsed.head.path) == "/a/b%20c;d=1")
        #expect(parsed.text(parsed.head.query) == "e=f&g?/h")
        #expect(parsed.head.hasQuery)
        #expect(!target("/a").head.hasQuery)
    }

    @Test func anEmptyQueryIsStillAQuery() {
        let parsed = target("/a?")
        #expect(parsed.head.hasQuery)
        #expect(parsed.head.query.count == 0)
    }

    // RFC 9112 §3.2.2: the target's host wins over the Host field.
    @Test func absoluteFormNamesItsOwnHost() {
        let parsed = target("HTTP://other.example:81/p?q")
        #expect(parsed.head.targetForm == .absolute)
        #expect(parsed.text(parsed.head.authority) == "other.example:81")
        #expect(parsed.text(parsed.head.host) == "other.example")
        #expect(parsed.text(parsed.head.path) == "/p")
        #expect(parsed.text(parsed.head.query) == "q")
        #expect(target("https://a/").isComplete)
    }

    @Test func absoluteFormMayLackAPath() {
        let bare = target("http://b")
        #expect(bare.isComplete)
        #expect(bare.head.path.count == 0)
        let query = target("http://b?c")
        #expect(query.head.path.count == 0)
        #expect(query.text(query.head.query) == "c")
    }

    // RFC 9110 §4.2.1 and §4.2.4: an http URI has a host and no user information.
    @Test(arguments: [
        "http://", "http:///p", "http://:80/", "http://u@b/", "http://u:p@b/", "ftp://b/", "http:/b", "mailto:x", "b",
        "b:80", "*x",
    ])
    func otherTargetsAreRefused(text: String) {
        #expect(target(text).refused == 400)
    }

    // RFC 9112 §3.2.3.
    @Test func authorityFormIsForConnectOnly() {
        let parsed = target("example.com:443", method: "CONNECT")
        #expect(parsed.head.targetForm == .authority)
        #expect(parsed.text(parsed.head.authority) == "example.com:443")
        #expect(parsed.text(parsed.head.host) == "example.com")
        #expect(parsed.head.path.count == 0)
        for text in ["/", "*", "http://a/", "example.com", "example.com:", ":443", "a:b"] {
            #expect(target(text, method: "CONNECT").refused == 400, "\(text)")
        }
    }

    // RFC 9112 §3.2.4.
    @Test func asteriskFormIsForOptionsOnly() {
        let parsed = target("*", method: "OPTIONS")
        #expect(parsed.head.targetForm == .asterisk)
        #expect(parsed.text(parsed.head.path) == "*")
        #expect(target("*").refused == 400)
        #expect(target("/*").isComplete)
    }

    // RFC 9112 §3.2: no target form has a fragment.
    @Test(arguments: ["/a#b", "/a?b#c", "/#", "http://a/#b"])
    func aFragmentIsRefused(text: String) {
        #expect(target(text).refused == 400)
    }

    // RFC 3986 §3.3, with what browsers send unencoded let through.
    @Test func pathCharactersAreThoseOfTheGrammarAndFourThatBrowsersSend() {
        let allowed = "abyzABYZ0189-._~!$&'()*+,;=:@/[]^|"
        for byte in UInt8.min...UInt8.max {
            let bytes = Array("GET /a".utf8) + [byte] + Array("b HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            let expected = allowed.utf8.contains(byte) || byte == 0x3F || isAlphanumeric(byte)
            #expect(Parsed(bytes).isComplete == expected, "byte \(byte)")
        }
    }

    // RFC 3986 §3.4 and the query percent-encode set of the WHATWG URL standard.
    @Test func queryCharactersAreThoseOfTheGrammarAndWhatBrowsersSend() {
        let allowed = "-._~!$&'()*+,;=:@/?%[]^|`{}\\"
        for byte in UInt8.min...UInt8.max {
            let bytes = Array("GET /?a".utf8) + [byte] + Array("b HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            #expect(Parsed(bytes).isComplete == (allowed.utf8.contains(byte) || isAlphanumeric(byte)), "byte \(byte)")
        }
    }

    // RFC 3986 §2.1.
    @Test(arguments: ["/%", "/%4", "/%zz", "/%4g", "/a%", "/%%41"])
    func halfAPercentEncodingInThePathIsRefused(text: String) {
        #expect(target(text).refused == 400)
    }

    @Test func percentEncodingsInThePathAreKeptAsSent() {
        let parsed = target("/%41%2f%00")
        #expect(parsed.text(parsed.head.path) == "/%41%2f%00")
    }

    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
