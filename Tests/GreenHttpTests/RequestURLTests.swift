import Testing

@testable import GreenHttp

@Suite struct RequestURLTests {
    private func read(_ text: String, base: String? = nil, query: String = "") throws -> String {
        try RequestURL.read(Array(text.utf8), base: base, query: query)
    }

    private func message(_ text: String, base: String? = nil) -> String {
        do {
            return "no error: \(try read(text, base: base))"
        } catch let error as HTTPClientError {
            #expect(error.kind == .invalid)
            return error.message
        } catch {
            return "\(error)"
        }
    }

    @Test func aPlainURLStaysAsItIs() throws {
        for url in ["http://a/", "https://a.b:8/c?d=%20&e#f", "http://a", "http://[::1]:80/x"] {
            #expect(try read(url) == url)
        }
    }

    @Test func aQueryComesBehindThatOfTheURLAndBeforeItsFragment() throws {
        #expect(try read("http://a/b", query: "c=d") == "http://a/b?c=d")
        #expect(try read("http://a/b?x", query: "c=d") == "http://a/b?x&c=d")
        #expect(try read("http://a/b?x=1&#y", query: "c=d") == "http://a/b?x=1&c=d#y")
        #expect(try read("http://a", query: "c=d&e=f") == "http://a/?c=d&e=f")
    }

    @Test func relativeURLsAreResolvedAsRFC3986Says() throws {
        let base = "http://a/b/c/d?q"
        for (text, expected) in [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"), ("?y", "http://a/b/c/d?y"), ("g?y", "http://a/b/c/g?y"), ("../g", "http://a/b/g"),
            ("../../g", "http://a/g"), ("https://x/y", "https://x/y"),
        ] {
            #expect(try read(text, base: base) == expected, "\(text)")
        }
    }

    @Test func whatMayNotStandInAURLIsEscapedButNotTheHost() throws {
        #expect(try read("http://a/ü b\"<>\\^`{|}") == "http://a/%C3%BC%20b%22%3C%3E%5C%5E%60%7B%7C%7D")
        #expect(try read("x?ü b", base: "http://a/") == "http://a/x?%C3%BC%20b")
    }

    @Test func aHostsNameIsMadeASCII() throws {
        #expect(try read("http://bücher.example/ü") == "http://xn--bcher-kva.example/%C3%BC")
        #expect(try read("http://us:pw@WWW.Bücher.example:81?x") == "http://us:pw@www.xn--bcher-kva.example:81/?x")
        #expect(try read("//bücher.example", base: "http://a/") == "http://xn--bcher-kva.example/")
    }

    @Test func onlyHTTPAndHTTPSWithAHostAreURLs() {
        for text in [
            "file:///etc/passwd", "ftp://a/", "javascript:alert(1)", "http:/a", "http:a", "http:///a", "https:////a",
            "data:x", "mailto:a@b", "localhost:80/x", "ws://a/",
        ] {
            #expect(message(text).contains("expected http:// or https://"), "\(text)")
            #expect(message(text, base: "http://b/").contains("expected http:// or https://"), "\(text)")
        }
        for text in ["", "/", "a", "//a"] { #expect(message(text).contains("or a base_url"), "\(text)") }
    }

    @Test func aControlCharacterIsRefused() {
        for text in ["http://a/\r\nX: y", "http://a/\u{0}", "http://a\n/", "http://a/\u{7F}", "http://a/\t"] {
            #expect(message(text).contains("a control character is in it"))
        }
    }

    @Test func messagesHaveNoPasswords() {
        for text in [
            "ftp://u:secret@a/", "http://u:secret@a:x/", "http:/u:secret@a", "http:///u:secret@a", "u:secret@a",
        ] {
            let told = message(text)
            #expect(told.contains("URL"), "\(told)")
            #expect(!told.contains("secret"), "\(told)")
        }
        #expect(!message("x", base: "ftp://u:secret@ a/").contains("secret"))
    }

    @Test func theLastSignBeforeThePathEndsThePassword() {
        for (url, expected) in [
            ("http://u:p@a/b", "http://a/b"), ("http://u@a", "http://a"), ("http://u:p@q@a/", "http://a/"),
            ("http://a/b@c", "http://a/b@c"), ("http://a?b@c", "http://a?b@c"), ("http://a#b@c", "http://a#b@c"),
            ("http:/u:p@a/", "http:/a/"), ("http:////u:p@a/", "http:////a/"), ("//u:p@a/", "//a/"),
            ("http://u:p@/", "http:///"), ("", ""),
        ] {
            #expect(RequestURL.withoutPassword(url) == expected)
        }
    }

    @Test func userAndPasswordAreTakenOutOfAURL() throws {
        var url = "http://us%40er:p%3A%20w@a:8/b?c@d"
        #expect(try RequestURL.takeUser(from: &url) == .basic(user: "us@er", password: "p: w"))
        #expect(url == "http://a:8/b?c@d")
        url = "http://user@a/"
        #expect(try RequestURL.takeUser(from: &url) == .basic(user: "user", password: ""))
        url = "http://a/b@c"
        #expect(try RequestURL.takeUser(from: &url) == nil)
        #expect(url == "http://a/b@c")
    }

    @Test func secretsGoToTheSameOriginOnlyOrToItsTLS() throws {
        func mayGo(_ from: String, _ to: String) throws -> Bool {
            try #require(RequestURL.Origin(to)).mayGetSecrets(of: #require(RequestURL.Origin(from)))
        }
        #expect(try mayGo("http://a/x", "http://A:80/y"))
        #expect(try mayGo("https://a/", "https://a:443/"))
        #expect(try mayGo("http://a/", "https://a/"))
        #expect(try !mayGo("https://a/", "http://a/"))
        #expect(try !mayGo("http://a/", "http://b/"))
        #expect(try !mayGo("http://a/", "http://a.b/"))
        #expect(try !mayGo("http://a/", "http://a:81/"))
        #expect(try !mayGo("http://a:8080/", "https://a/"))
        #expect(try !mayGo("http://a/", "https://a:8443/"))
        #expect(try !mayGo("http://a/", "http://a@b/"))
    }

    @Test func anOriginTellsWhatARequestAsksFor() throws {
        let origin = try #require(RequestURL.Origin("http://a:81/b?c=d#e"))
        #expect(origin.target == "/b?c=d")
        #expect(origin.authority == "a:81")
        #expect(try #require(RequestURL.Origin("https://a:443")).authority == "a")
        #expect(RequestURL.Origin("/x") == nil)
    }
}
