import Testing

@testable import GreenHttp

@Suite struct CookieMatchTests {
    private func sent(
        _ lines: [String], host: String = "www.example.org", path: String = "/a/b", isSecure: Bool = false
    ) -> String? {
        CookieMatch.header(
            lines.map { Array($0.utf8) },
            for: CookieMatch.Question(host: host, path: path, isSecure: isSecure, now: 1_000))
    }

    private func line(
        _ domain: String, subdomains: Bool = false, path: String = "/", isSecure: Bool = false, expires: Int = 0,
        _ pair: String = "a\t1"
    ) -> String {
        "\(domain)\t\(subdomains ? "TRUE" : "FALSE")\t\(path)\t\(isSecure ? "TRUE" : "FALSE")\t\(expires)\t\(pair)"
    }

    @Test func aCookieGoesToItsHostAndWhereItSaysSoBelow() {
        #expect(sent([line("www.example.org")]) == "a=1")
        #expect(sent([line("example.org")]) == nil)
        #expect(sent([line(".example.org", subdomains: true)]) == "a=1")
        #expect(sent([line("#HttpOnly_.Example.org", subdomains: true)]) == "a=1")
        #expect(sent([line(".example.org", subdomains: true)], host: "badexample.org") == nil)
        #expect(sent([line(".example.org", subdomains: true)], host: "example.org") == "a=1")
    }

    @Test func aCookieGoesToItsFolder() {
        for (folder, isSent) in [
            ("/", true), ("/a", true), ("/a/", true), ("/a/b", true), ("/a/b/", false), ("/A", false),
        ] {
            #expect((sent([line("www.example.org", path: folder)]) != nil) == isSent, "\(folder)")
        }
        #expect(sent([line("www.example.org", path: "/a")], path: "/ab") == nil)
    }

    @Test func secureCookiesGoByTLSOnly() {
        let lines = [line("www.example.org", isSecure: true)]
        #expect(sent(lines) == nil)
        #expect(sent(lines, isSecure: true) == "a=1")
    }

    @Test func whatHasExpiredIsNotSent() {
        #expect(sent([line("www.example.org", expires: 1_000)]) == nil)
        #expect(sent([line("www.example.org", expires: 1_001)]) == "a=1")
    }

    @Test func longerPathsComeFirstAndEqualOnesInOrder() {
        let lines = [
            line("www.example.org", "x\t1"), line("www.example.org", path: "/a", "y\t2"),
            line("www.example.org", "z\tlast\tof all"), line("www.example.org", "empty"),
        ]
        #expect(sent(lines) == "y=2; x=1; z=last\tof all; empty=")
    }

    @Test func whatIsNoCookieIsLeftOut() {
        #expect(sent(["", "# a comment", "a\tb"]) == nil)
        #expect(sent([]) == nil)
    }
}
