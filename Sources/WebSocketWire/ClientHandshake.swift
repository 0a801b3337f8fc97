import HTTPWire

/// The opening handshake as the client sees it (RFC 6455 §4.1): what to send, and what to make of the answer.
///
/// Offers no extensions.
public struct ClientHandshake: Sendable {
    /// The key of this handshake; never used for another.
    public let key: HandshakeKey
    /// The subprotocols asked for, most wanted first.
    public let subprotocols: [String]
    /// The request's head, to be sent as it is.
    public let request: [UInt8]

    /// A handshake to open `path` of `host`.
    ///
    /// - Parameters:
    ///   - host: the value of Host: a name or address, with its port unless that is the scheme's default.
    ///   - path: path and query, percent-encoded, beginning with a slash. Default `/`.
    ///   - subprotocols: tokens, no two of them equal. Default none.
    ///   - headers: further fields, as Origin or Cookie, in the order given. Those that the handshake itself writes
    ///     (Host, Upgrade, Connection, Sec-WebSocket-…) and those of a body are refused.
    ///   - key: for tests; a new one is made by default.
    ///
    /// Throws an error without a close code that names the argument that cannot be sent.
    public init(
        host: String, path: String = "/", subprotocols: [String] = [], headers: [(name: String, value: String)] = [],
        key: HandshakeKey = .random()
    ) throws(WebSocketError) {
        guard !host.isEmpty, host.utf8.allSatisfy({ ClientHandshake.isVisible($0) && $0 != 0x2F && $0 != 0x40 }) else {
            throw WebSocketError(nil, "host: \(host.debugDescription) cannot be sent; use a name or host:port")
        }
        // A "#" would begin a fragment, which is no part of a request (RFC 6455 §3).
        guard path.utf8.first == 0x2F, path.utf8.allSatisfy({ ClientHandshake.isVisible($0) && $0 != 0x23 }) else {
            throw WebSocketError(
                nil, "path: \(path.debugDescription) cannot be sent; use a slash and percent-encoded characters")
        }
        try ClientHandshake.check(subprotocols)
        var buffer = ByteBuffer(capacity: 512)
        for line in [
            "GET \(path) HTTP/1.1", "Host: \(host)", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: \(key.text)", "Sec-WebSocket-Version: 13",
        ] {
            ClientHandshake.append(line, to: &buffer)
        }
        if !subprotocols.isEmpty {
            ClientHandshake.append("Sec-WebSocket-Protocol: " + subprotocols.joined(separator: ", "), to: &buffer)
        }
        for header in headers {
            try ClientHandshake.append(header.name, header.value, to: &buffer)
        }
        ClientHandshake.append("", to: &buffer)
        self.key = key
        self.subprotocols = subprotocols
        request = Array(buffer.readableBytes)
    }

    private static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }

    /// RFC 6455 §4.1, item 10: tokens, each once.
    private static func check(_ subprotocols: [String]) throws(WebSocketError) {
        var seen: Set<String> = []
        for name in subprotocols {
            guard Array(name.utf8).withUnsafeBytes({ FieldList.isToken($0) }) else {
                throw WebSocketError(
                    nil, "subprotocol: \(name.debugDescription) is no token; use letters, digits and .-_")
            }
            guard seen.insert(name).inserted else {
                throw WebSocketError(nil, "subprotocol: \(name) is named twice; name it once")
            }
        }
    }

    private static func append(_ line: String, to buffer: inout ByteBuffer) {
        Array(line.utf8).withUnsafeBytes { buffer.append($0) }
        buffer.append("\r\n")
    }

    private static func append(
        _ name: String, _ value: String, to buffer: inout ByteBuffer
    ) throws(WebSocketError) {
        let lowercase = name.lowercased()
        let isOurs = ["host", "upgrade", "connection", "content-length", "transfer-encoding"].contains(lowercase)
        guard !isOurs, !lowercase.hasPrefix("sec-websocket-") else {
            throw WebSocketError(nil, "header: \(name) is written by the handshake itself; leave it out")
        }
        let written = Array(name.utf8).withUnsafeBytes { name in
            Array(value.utf8).withUnsafeBytes { ResponseWriter.field(name, $0, into: &buffer) }
        }
        guard written else {
            throw WebSocketError(
                nil,
                "header: \(name.debugDescription) cannot be sent; use a token, and no control characters in the value")
        }
    }
}
