/// What a message holds (RFC 6455 §5.6).
public enum MessageKind: Sendable, Equatable {
    /// UTF-8.
    case text
    /// Any bytes.
    case binary

    /// The opcode of the message's first frame.
    var opcode: Opcode { self == .text ? .text : .binary }
}
