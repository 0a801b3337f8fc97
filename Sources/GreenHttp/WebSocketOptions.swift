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
    private static let century: Int64 = 3_200_000_000

    /// What a script gave as seconds, 0 or more; math.huge and all beyond a century is that.
    static func ofScript(_ seconds: Double) -> Duration { .seconds(min(seconds, Double(century))) }

    /// In nanoseconds, from 0 to a century.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        if seconds >= Self.century { return Self.century * 1_000_000_000 }
        return seconds < 0 ? 0 : seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
