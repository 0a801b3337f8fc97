/// What a close frame says (RFC 6455 §5.5.1).
struct ClosePayload {
    /// Why the peer closes; nil when the payload is empty.
    let code: CloseCode?
    /// The UTF-8 behind the code; may be empty.
    let reason: UnsafeRawBufferPointer

    /// Reads the payload. Throws 1002 for half a code or one that may not be sent, 1007 for a reason that is no UTF-8.
    init(_ payload: UnsafeRawBufferPointer) throws(WebSocketError) {
        guard payload.count > 0 else {
            code = nil
            reason = payload
            return
        }
        guard payload.count > 1 else {
            throw WebSocketError(.protocolError, "close: one byte of payload; expected none or a code of two bytes")
        }
        let code = CloseCode(rawValue: UInt16(payload[0]) << 8 | UInt16(payload[1]))
        guard code.mayBeSent else {
            throw WebSocketError(
                .protocolError,
                "close: code \(code.rawValue) cannot be sent; expected 1000-1003, 1007-1014 or 3000-4999")
        }
        reason = UnsafeRawBufferPointer(rebasing: payload[2...])
        var validator = UTF8Validator()
        guard validator.accept(reason), validator.isComplete else {
            throw WebSocketError(.invalidPayload, "close: reason not UTF-8; expected UTF-8")
        }
        self.code = code
    }
}
