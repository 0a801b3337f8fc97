import Testing

@testable import GreenHttp

@Suite struct BaseURLTests {
    init() { #expect(CurlLibrary.problem == nil) }

    @Test func itsUserCountsForItsOriginAlone() throws {
        let base = try BaseURL("http://us%65r:pass@Host:8080/a/")
        #expect(base.url == "http://Host:8080/a/")
        let user = Authentication.basic(user: "user", password: "pass")
        for url in ["http://Host:8080/", "http://host:8080/x", "HTTP://HOST:8080", "http://host:8080?q"] {
            #expect(base.authentication(for: url) == user, "\(url)")
        }
        for url in [
            "http://host/", "http://host:80801/", "https://host:8080/", "http://host:8080.example/",
            "http://other:8080/",
            "http://host.example:8080/", "x",
        ] { #expect(base.authentication(for: url) == nil, "\(url)") }
    }

    @Test func aPortThatIsTheDefaultMayBeLeftOut() throws {
        let base = try BaseURL("https://a:b@host:443")
        #expect(base.authentication(for: "https://host/") != nil)
        #expect(base.authentication(for: "http://host:443/") == nil)
    }

    @Test func withoutAUserThereIsNone() throws {
        #expect(try BaseURL("http://host/").authentication(for: "http://host/") == nil)
    }

    @Test func whatCannotBeSentIsRefused() {
        for url in ["ftp://host/", "host", "http://a%0Ab:c@host/"] {
            #expect(throws: HTTPClientError.self) { try BaseURL(url) }
        }
    }
}
