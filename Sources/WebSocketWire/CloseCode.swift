/// Why a connection is closed (RFC 6455 §7.4 and the IANA registry of WebSocket close codes).
public struct CloseCode: RawRepresentable, Sendable, Hashable {
    /// The number of the code.
    public let rawValue: UInt16

    /// Any number; ``mayBeSent`` says whether a close frame can carry it.
    @inlinable
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// 1000: the purpose is fulfilled.
    public static let normal = CloseCode(rawValue: 1000)
    /// 1001: a server stops, or a page is left.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// 1002: the peer broke a rule of the protocol.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// 1003: a kind of message that is not accepted.
    public static let unsupportedData = CloseCode(rawValue: 1003)
    /// 1005: the close frame had no code; never sent.
    public static let noStatus = CloseCode(rawValue: 1005)
    /// 1006: the connection ended without a close frame; never sent.
    public static let abnormal = CloseCode(rawValue: 1006)
    /// 1007: text that is not UTF-8.
    public static let invalidPayload = CloseCode(rawValue: 1007)
    /// 1008: a message against the receiver's policy.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// 1009: a message too big.
    public static let messageTooBig = CloseCode(rawValue: 1009)
    /// 1010: the client misses an extension.
    public static let missingExtension = CloseCode(rawValue: 1010)
    /// 1011: the server failed.
    public static let internalError = CloseCode(rawValue: 1011)
    /// 1012: the server starts anew.
    public static let serviceRestart = CloseCode(rawValue: 1012)
    /// 1013: the server is overloaded.
    public static let tryAgainLater = CloseCode(rawValue: 1013)
    /// 1014: a gateway got no usable answer.
    public static let badGateway = CloseCode(rawValue: 1014)
    /// 1015: the TLS handshake failed; never sent.
    public static let tlsHandshake = CloseCode(rawValue: 1015)

    /// Whether a close frame can carry this code: 1000–1003, 1007–1014 and 3000–4999.
    ///
    /// RFC 6455 §7.4.1 keeps 1004, 1005, 1006 and 1015 off the wire, §7.4.2 reserves the rest below 3000.
    /// 1012–1014 were registered with IANA later.
    public var mayBeSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
