import HTTPWire

extension ClientHandshake {
    /// Judges the server's response by RFC 6455 §4.1: throws unless it opens the connection.
    ///
    /// What follows the head in `bytes` is the server's first frames. An interim response
    /// (``HTTPWire/ResponseHead/isInterim``) is no answer yet: skip it and read the next head.
    ///
    /// - Parameters:
    ///   - response: a parser whose last `parse` said that the head is complete.
    ///   - bytes: those given to that `parse`.
    /// - Returns: the subprotocol the server chose, one of those asked for; nil if it chose none.
    public func judge(
        _ response: borrowing ResponseHeadParser, in bytes: UnsafeRawBufferPointer
    ) throws(WebSocketError) -> String? {
        let head = response.head
        guard head.status == 101 else {
            let reason = head.reason.isEmpty ? "" : " " + quoted(text(head.reason, bytes))
            throw refusal("answered with status \(head.status)\(reason); expected 101")
        }
        guard head.minorVersion > 0 else { throw refusal("answered in HTTP/1.0; expected HTTP/1.1") }
        let upgrade = try only("upgrade", response, bytes)
        guard upgrade?.lowercased() == "websocket" else {
            throw refusal("upgrade is \(quoted(upgrade)); expected websocket")
        }
        guard head.upgrade else { throw refusal("connection does not name upgrade; expected Connection: Upgrade") }
        let accept = try only("sec-websocket-accept", response, bytes)
        let expected = try key.accept()
        guard accept == expected else {
            throw refusal("sec-websocket-accept is \(quoted(accept)); expected \"\(expected)\"")
        }
        try checkExtensions(response, bytes)
        guard let chosen = try only("sec-websocket-protocol", response, bytes) else { return nil }
        guard subprotocols.contains(chosen) else {
            throw refusal(
                "sec-websocket-protocol is \(quoted(chosen)); expected "
                    + (subprotocols.isEmpty ? "none" : "one of \(subprotocols.joined(separator: ", "))"))
        }
        return chosen
    }

    /// The value of the field if it is there, once.
    private func only(
        _ name: StaticString, _ response: borrowing ResponseHeadParser, _ bytes: UnsafeRawBufferPointer
    ) throws(WebSocketError) -> String? {
        guard let first = response.index(of: name, in: bytes, from: 0) else { return nil }
        guard response.index(of: name, in: bytes, from: first + 1) == nil else {
            throw refusal("\(name) was sent more than once; expected it once")
        }
        return String(decoding: response.fields[first].value.slice(of: bytes), as: UTF8.self)
    }

    /// None was offered, so none may be chosen (RFC 6455 §4.1 and §9.1).
    private func checkExtensions(
        _ response: borrowing ResponseHeadParser, _ bytes: UnsafeRawBufferPointer
    ) throws(WebSocketError) {
        var from = 0
        while let index = response.index(of: "sec-websocket-extensions", in: bytes, from: from) {
            let value = response.fields[index].value
            guard value.isEmpty else {
                throw refusal("sec-websocket-extensions is \(quoted(text(value, bytes))); expected none")
            }
            from = index + 1
        }
    }

    private func refusal(_ message: String) -> WebSocketError { WebSocketError(nil, "handshake: " + message) }

    private func text(_ range: ByteRange, _ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: range.slice(of: bytes), as: UTF8.self)
    }

    /// The peer's value for an error message, cut where it gets long.
    private func quoted(_ value: String?) -> String {
        guard let value else { return "missing" }
        return value.utf8.count <= 128 ? "\"\(value)\"" : "\"\(value.prefix(128))…\""
    }
}
