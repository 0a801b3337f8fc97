import Testing

@testable import GreenHttp

@Suite struct WebSocketTargetTests {
    init() { #expect(CurlLibrary.problem == nil) }

    private func target(_ url: String, base: String? = nil) throws -> WebSocketTarget {
        try WebSocketTarget(url, base: base)
    }

    @Test func schemesOfWebSocketsAndOfHTTPMeanTheSame() throws {
        for (url, wanted) in [
            ("ws://host/a", "ws://host/a"), ("wss://host/a", "wss://host/a"), ("http://host/a", "ws://host/a"),
            ("https://host/a", "wss://host/a"), ("WS://HOST/a", "ws://host/a"), ("wSs://host", "wss://host/"),
        ] {
            #expect(try target(url).url == wanted)
        }
        #expect(try target("wss://host/a").connectURL == "https://host/a")
        #expect(try target("ws://host").connectURL == "http://host/")
    }

    @Test func thePortIsNamedUnlessItIsTheSchemesOwn() throws {
        #expect(try target("ws://host:80/").authority == "host")
        #expect(try target("wss://host:443/").authority == "host")
        #expect(try target("wss://host:80/").authority == "host:80")
        #expect(try target("ws://[::1]:9000/").authority == "[::1]:9000")
    }

    @Test func theQueryIsAPartOfThePath() throws {
        let target = try target("ws://host/a/b?c=d&e")
        #expect(target.path == "/a/b?c=d&e")
        #expect(target.pathOnly == "/a/b")
        #expect(try self.target("ws://host?x").path == "/?x")
    }

    @Test func relativeURLsAreResolved() throws {
        #expect(try target("x?y", base: "https://host:8443/a/b").url == "wss://host:8443/a/x?y")
        #expect(try target("/x", base: "ws://host/a/b").url == "ws://host/x")
        #expect(try target("ws://other/", base: "ws://host/").url == "ws://other/")
    }

    @Test func userAndPasswordAreDecodedAndNotShown() throws {
        let target = try target("ws://me:s%40y@host/")
        #expect(target.user == "me" && target.password == "s@y")
        #expect(target.url == "ws://host/" && target.connectURL == "http://host/")
    }

    @Test(arguments: [
        "", "host", "/a", "ftp://host/", "file:///etc/passwd", "ws://", "ws:host", "ws://host/#part", "ws://host/\n",
        "ws://host/\0", "ws://host:0x50/", "ws://a b/",
    ])
    func otherTextsAreRefused(_ text: String) {
        #expect(throws: HTTPClientError.self) { try target(text) }
    }
}
