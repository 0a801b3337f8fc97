import Testing

@testable import GreenHttp

struct ParsedURLsTests {
    init() throws { try #require(CurlLibrary.problem == nil) }

    @Test func aURLIsKeptFromTheSecondTimeOn() {
        let urls = ParsedURLs()
        #expect(urls.parsed("http://a/1") == nil)
        let second = urls.parsed("http://a/1")
        #expect(second != nil)
        #expect(urls.parsed("http://a/1") === second)
    }

    @Test func differentURLsAreNeverMistaken() {
        let urls = ParsedURLs()
        var owners: [ObjectIdentifier: String] = [:]
        var kept: [ParsedURL] = []
        for number in (0..<500).flatMap({ [$0, $0, $0 / 2] }) {
            let url = "http://a/\(number)"
            guard let parsed = urls.parsed(url) else { continue }
            kept.append(parsed)
            #expect(owners[ObjectIdentifier(parsed), default: url] == url)
            owners[ObjectIdentifier(parsed)] = url
        }
        #expect(owners.count >= 500)
    }

    @Test func aURLThatCannotBeReadIsLeftToTheRequest() {
        let urls = ParsedURLs()
        for _ in 0..<3 { #expect(urls.parsed("http://[") == nil) }
    }
}
