/// What a frame is (RFC 6455 §5.2); the other codes are reserved and refused.
public enum Opcode: UInt8, Sendable, Equatable {
    /// Goes on with the message that a text or binary frame began.
    case continuation = 0x0
    /// Begins a message of UTF-8 text.
    case text = 0x1
    /// Begins a message of bytes.
    case binary = 0x2
    /// Ends the connection.
    case close = 0x8
    /// Asks for a pong.
    case ping = 0x9
    /// Answers a ping, or just says that its sender is there.
    case pong = 0xA

    /// Whether it is a control frame: at most 125 bytes, never fragmented, allowed inside a fragmented message (§5.5).
    @inlinable
    public var isControl: Bool { rawValue & 0x8 != 0 }
}
