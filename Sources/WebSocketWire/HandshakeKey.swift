/// The value of Sec-WebSocket-Key and what a server has to answer to it (RFC 6455 §4.1 and §4.2.2).
public struct HandshakeKey: Sendable, Equatable {
    /// The value of the field.
    public let text: String

    /// The key in a request; nil if it cannot be 16 bytes in base64, as RFC 6455 §4.1 has it.
    public init?(text: String) {
        let isBase64 = text.utf8.count == 24 && text.hasSuffix("==") && text.utf8.dropLast(2).allSatisfy(Base64.isDigit)
        guard isBase64 else { return nil }
        self.text = text
    }

    private init(bytes: [UInt8]) {
        text = Base64.encode(bytes)
    }

    /// A new key: 16 random bytes in base64.
    public static func random() -> HandshakeKey {
        var generator = SystemRandomNumberGenerator()
        return HandshakeKey(bytes: (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// The value of Sec-WebSocket-Accept that shows that this key was understood.
    ///
    /// Throws where libcrypto refuses SHA-1, as a build restricted by policy may.
    public func accept() throws(WebSocketError) -> String {
        guard let digest = SHA1.digest(Array((text + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)) else {
            throw WebSocketError(nil, "handshake: libcrypto refuses SHA-1; allow it, RFC 6455 needs it")
        }
        return Base64.encode(digest)
    }
}
