import HTTPWire

/// Writes messages as frames into a ``ByteBuffer`` (RFC 6455 §5), masked if it writes for a client.
///
/// A call that throws has written nothing and changed nothing. Errors have no close code: they are the caller's.
/// No extensions, so no permessage-deflate (RFC 7692).
public struct FrameWriter: Sendable {
    /// Which end of the connection writes.
    public let role: Role
    /// Most payload bytes in one frame of a message; longer messages are fragmented. Default: no limit.
    public let fragmentBytes: Int

    private var maskingKeys: MaskingKeys
    /// The message whose fragments are being written.
    private var open: MessageKind?
    private var validator = UTF8Validator()
    /// Whether a close frame was written: no message may follow (RFC 6455 §5.5.1).
    public private(set) var isClosed = false

    /// A writer at the start of a connection. `fragmentBytes` must be at least 1; traps otherwise.
    public init(role: Role, maskingKeys: MaskingKeys = .system, fragmentBytes: Int = .max) {
        precondition(fragmentBytes > 0, "a fragment holds at least one byte")
        self.role = role
        self.maskingKeys = maskingKeys
        self.fragmentBytes = fragmentBytes
    }

    /// Appends a whole message.
    ///
    /// Throws when text is not UTF-8, when fragments of another message are open, and behind a close frame.
    public mutating func message(
        _ kind: MessageKind, _ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) throws(WebSocketError) {
        guard open == nil else {
            throw WebSocketError(nil, "message: fragments of another one are open; end it first")
        }
        try fragment(kind, bytes, isLast: true, into: &buffer)
    }

    /// Appends the next piece of a message whose length is not known; `isLast` ends it. Pings, pongs and a close
    /// may be written in between.
    ///
    /// Throws when the text so far cannot be UTF-8, when `kind` is not that of the open message, and behind a close frame.
    public mutating func fragment(
        _ kind: MessageKind, _ bytes: UnsafeRawBufferPointer, isLast: Bool, into buffer: inout ByteBuffer
    ) throws(WebSocketError) {
        guard !isClosed else { throw WebSocketError(nil, "message: close was sent; open a new connection") }
        guard open == nil || open == kind else {
            throw WebSocketError(nil, "message: fragments of the other kind are open; go on with theirs")
        }
        if kind == .text {
            var looked = open == nil ? UTF8Validator() : validator
            guard looked.accept(bytes), !isLast || looked.isComplete else {
                throw WebSocketError(nil, "text: not UTF-8; send it as binary")
            }
            validator = looked
        }
        var offset = 0
        repeat {
            let end = offset &+ min(fragmentBytes, bytes.count &- offset)
            let opcode = open == nil ? kind.opcode : .continuation
            frame(
                opcode, UnsafeRawBufferPointer(rebasing: bytes[offset..<end]), isFinal: isLast && end == bytes.count,
                &buffer)
            open = kind
            offset = end
        } while offset < bytes.count
        if isLast { open = nil }
    }

    /// Appends a ping of 0–125 bytes (RFC 6455 §5.5.2); throws when there are more.
    public mutating func ping(
        _ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) throws(WebSocketError) {
        try control(.ping, bytes, &buffer)
    }

    /// Appends a pong of 0–125 bytes, those of the ping it answers (RFC 6455 §5.5.3); throws when there are more.
    public mutating func pong(
        _ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) throws(WebSocketError) {
        try control(.pong, bytes, &buffer)
    }

    /// Appends a close frame (RFC 6455 §5.5.1). Nothing but control frames may follow.
    ///
    /// Throws when the code may not be sent, the reason is longer than 123 bytes of UTF-8 or has no code in front
    /// of it, and when a close frame was written before.
    public mutating func close(
        _ code: CloseCode?, reason: String = "", into buffer: inout ByteBuffer
    ) throws(WebSocketError) {
        guard !isClosed else { throw WebSocketError(nil, "close: sent already; wait for the peer's") }
        var payload: [UInt8] = []
        if let code {
            guard code.mayBeSent else {
                throw WebSocketError(
                    nil, "close: code \(code.rawValue) cannot be sent; use 1000-1003, 1007-1014 or 3000-4999")
            }
            payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
        }
        guard code != nil || reason.isEmpty else {
            throw WebSocketError(nil, "close: reason without a code; give a code too")
        }
        payload.append(contentsOf: reason.utf8)
        guard payload.count <= 125 else {
            throw WebSocketError(nil, "close: reason of \(payload.count - 2) bytes; use at most 123")
        }
        payload.withUnsafeBytes { frame(.close, $0, isFinal: true, &buffer) }
        isClosed = true
    }

    private mutating func control(
        _ opcode: Opcode, _ bytes: UnsafeRawBufferPointer, _ buffer: inout ByteBuffer
    ) throws(WebSocketError) {
        guard bytes.count <= 125 else {
            throw WebSocketError(nil, "\(opcode): \(bytes.count) bytes; use at most 125")
        }
        frame(opcode, bytes, isFinal: true, &buffer)
    }

    private mutating func frame(
        _ opcode: Opcode, _ payload: UnsafeRawBufferPointer, isFinal: Bool, _ buffer: inout ByteBuffer
    ) {
        let key = role == .client ? maskingKeys.next() : nil
        let header = FrameHeader(
            isFinal: isFinal, opcode: opcode, maskingKey: key, payloadLength: payload.count)
        buffer.reserve(header.byteCount &+ payload.count)
        header.append(to: &buffer)
        _ = header.takePayload(payload, phase: 0, into: &buffer)
    }
}
