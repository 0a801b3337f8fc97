import Testing
import WebSocketWire

@Suite struct HandshakeKeyTests {
    // RFC 6455 §1.3.
    @Test func theExampleOfTheStandardIsAnswered() throws {
        let key = try #require(HandshakeKey(text: "dGhlIHNhbXBsZSBub25jZQ=="))
        #expect(try key.accept() == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test func aRandomKeyIsAKeyAndNoTwoAreEqual() throws {
        let keys = (0..<20).map { _ in HandshakeKey.random() }
        #expect(Set(keys.map(\.text)).count == 20)
        for key in keys { #expect(HandshakeKey(text: key.text) == key) }
    }

    @Test(arguments: [
        "", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZ===",
        "dGhlIHNhbXBsZSBub25j\r\n==", "dGhlIHNhbXBsZSBub25jZQAA", "dGhlIHNhbXBsZSBub25-ZQ==",
    ])
    func whatCannotBe16BytesInBase64IsNoKey(text: String) {
        #expect(HandshakeKey(text: text) == nil)
    }
}
