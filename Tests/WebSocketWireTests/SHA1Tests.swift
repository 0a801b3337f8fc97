import Testing

@testable import WebSocketWire

@Suite struct SHA1Tests {
    // FIPS 180-4, the example "abc" of its appendix, and the empty message.
    @Test(arguments: [
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"), ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ])
    func knownMessagesHaveTheirDigests(text: String, digest: String) throws {
        let bytes = try #require(SHA1.digest(Array(text.utf8)))
        #expect(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == digest)
    }
}
