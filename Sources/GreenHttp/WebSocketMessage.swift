import WebSocketWire

/// A message of a WebSocket, as Swift has it.
public enum WebSocketMessage: Sendable, Equatable {
    /// UTF-8.
    case text(String)
    /// Any bytes.
    case binary([UInt8])

    init(_ message: ReceivedMessage) {
        switch message.kind {
        case .text: self = .text(String(decoding: message.bytes, as: UTF8.self))
        case .binary: self = .binary(message.bytes)
        }
    }
}
