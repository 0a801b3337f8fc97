/// How a WebSocket behaves once it is open.
public struct WebSocketOptions: Sendable, Equatable {
    /// Most bytes of a message that is received; a longer one ends the connection with 1009. Default 16 MiB.
    public var maxMessage = 16 << 20
    /// How often to ask the server whether it is still there; one that says nothing at all for as long is given up
    /// (1006). Default nil: never.
    public var pingInterval: Duration?
    /// Longest that a closing handshake may take. Default 5 s.
    public var closeTimeout: Duration = .seconds(5)

    /// The defaults.
    public init() {}
}

extension Duration {
    /// In nanoseconds, of a century at most.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds > 3_200_000_000
            ? 3_200_000_000_000_000_000 : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
