/// Why bytes of the peer, or a call, cannot become WebSocket messages.
public struct WebSocketError: Error, Sendable, Equatable {
    /// The code for the close frame that answers the peer's fault (RFC 6455 §7.1.7); the connection is then closed.
    ///
    /// Nil when the peer is told nothing: the handshake failed, so that there is no WebSocket yet, or the caller
    /// asked for what cannot be sent, and the connection is as good as before.
    public let closeCode: CloseCode?
    /// What was wrong and what was expected; fit for a log.
    public let message: String

    /// An error with the code that answers it, if any, and its reason.
    public init(_ closeCode: CloseCode?, _ message: String) {
        self.closeCode = closeCode
        self.message = message
    }
}

extension WebSocketError: CustomStringConvertible {
    /// The code, if there is one, and the message, like `1002 mask: …`.
    public var description: String {
        guard let closeCode else { return message }
        return "\(closeCode.rawValue) \(message)"
    }
}
