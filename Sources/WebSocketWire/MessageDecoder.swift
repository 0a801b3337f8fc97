import HTTPWire

/// Reads the messages of a peer from raw bytes, however they are split (RFC 6455 §5).
///
/// Takes in all bytes it is given: nothing has to be kept for it. Puts fragments together, lets control frames in
/// between pass at once, unmasks, and checks every rule of the protocol at the first byte that breaks it. Text is
/// checked while it arrives. No extensions, so no permessage-deflate (RFC 7692): never offered, and a reserved bit
/// is refused.
///
/// A message that arrives unmasked and whole is not copied; any other is collected in memory that grows with what
/// has really arrived. Not `Sendable`: a decoder belongs to the loop that feeds it.
public struct MessageDecoder: ~Copyable {
    private enum Stage {
        case header
        case payload
        /// A close frame was read; whatever follows is thrown away (RFC 6455 §1.4).
        case closed
    }

    /// Which end of the connection reads.
    public let role: Role
    /// How much is accepted.
    public let limits: MessageLimits

    private var stage = Stage.header
    private var failure: WebSocketError?
    private var assembly = HeaderAssembly()
    /// The frame being read, and how much of its payload has been.
    private var frame = FrameHeader(opcode: .text, payloadLength: 0)
    private var frameRead = 0
    /// The message that has begun and not ended.
    private var open: MessageKind?
    private var validator = UTF8Validator()
    /// Payload so far of the open message, and of the control frame being read.
    private var message = ByteBuffer()
    private var control = ByteBuffer()
    /// Whether the last event's bytes lie in `message`.
    private var messageIsDelivered = false

    /// A decoder at the start of a connection, behind the handshake, for the end that `role` says.
    public init(role: Role, limits: MessageLimits = MessageLimits()) {
        self.role = role
        self.limits = limits
    }

    /// Takes in `bytes`, those that follow the ones taken in by the call before, up to the end of one message.
    public mutating func next(_ bytes: UnsafeRawBufferPointer) -> MessageProgress {
        if messageIsDelivered {
            message.removeAll()
            messageIsDelivered = false
        }
        if let failure { return .failed(failure) }
        if stage == .closed { return .needsMore(consumed: bytes.count) }
        var index = 0
        do throws(WebSocketError) {
            while true {
                if stage == .header {
                    guard let header = try assembly.next(bytes, &index) else { break }
                    try begin(header)
                }
                let piece = takePiece(bytes, &index)
                let event = frame.opcode.isControl ? try readControl(piece) : try readData(piece)
                if let event { return .event(event, consumed: index) }
                // Still inside the frame: the bytes were too few. Otherwise a fragment ended and a frame follows.
                if stage == .payload { break }
            }
            return .needsMore(consumed: bytes.count)
        } catch {
            failure = error
            message.removeAll()
            return .failed(error)
        }
    }

    /// Checks whether a frame with this header may come now.
    private mutating func begin(_ header: FrameHeader) throws(WebSocketError) {
        guard (header.maskingKey != nil) == (role == .server) else {
            throw WebSocketError(
                .protocolError,
                role == .server
                    ? "mask: frame of a client without one; expected a masked frame"
                    : "mask: frame of a server with one; expected an unmasked frame")
        }
        frame = header
        frameRead = 0
        stage = .payload
        if header.opcode.isControl {
            control.removeAll()
            return
        }
        if header.opcode == .continuation {
            guard open != nil else {
                throw WebSocketError(.protocolError, "continuation: no message has begun; expected text or binary")
            }
        } else {
            guard open == nil else {
                throw WebSocketError(.protocolError, "message: the one before has not ended; expected a continuation")
            }
            open = header.opcode == .text ? .text : .binary
            validator = UTF8Validator()
        }
        guard header.payloadLength <= limits.maxMessage &- message.count else {
            throw WebSocketError(
                .messageTooBig, "message: longer than \(limits.maxMessage) bytes; expected a shorter one")
        }
    }

    /// As much of the frame's payload as `bytes` hold from `index` on; moves `index` behind it.
    private func takePiece(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) -> UnsafeRawBufferPointer {
        let count = min(frame.payloadLength &- frameRead, bytes.count &- index)
        let piece = UnsafeRawBufferPointer(rebasing: bytes[index..<(index &+ count)])
        index &+= count
        return piece
    }

    /// Takes a piece of a data frame; the event if the message ends with it.
    private mutating func readData(_ piece: UnsafeRawBufferPointer) throws(WebSocketError) -> MessageEvent? {
        let isText = open == .text
        let isWhole = piece.count == frame.payloadLength && frame.maskingKey == nil
        if isWhole, frame.isFinal, frame.opcode != .continuation {
            try checkText(isText, piece, isLast: true)
            stage = .header
            open = nil
            return isText ? .text(piece) : .binary(piece)
        }
        // Not what the header announces but what has come decides how far the memory grows.
        message.reserve(min(frame.payloadLength &- frameRead, max(message.count, piece.count)))
        let taken = frame.takePayload(piece, phase: frameRead, into: &message)
        frameRead &+= piece.count
        let frameEnds = frameRead == frame.payloadLength
        let messageEnds = frameEnds && frame.isFinal
        try checkText(isText, taken, isLast: messageEnds)
        if frameEnds { stage = .header }
        guard messageEnds else { return nil }
        open = nil
        messageIsDelivered = true
        return isText ? .text(message.readableBytes) : .binary(message.readableBytes)
    }

    /// Checks bytes of a text message; `isLast` if it ends with them.
    private mutating func checkText(
        _ isText: Bool, _ bytes: UnsafeRawBufferPointer, isLast: Bool
    ) throws(WebSocketError) {
        guard isText else { return }
        guard validator.accept(bytes), !isLast || validator.isComplete else {
            throw WebSocketError(.invalidPayload, "text: not UTF-8; expected UTF-8 or a binary message")
        }
    }

    /// Takes a piece of a control frame; the event if it ends with it.
    private mutating func readControl(_ piece: UnsafeRawBufferPointer) throws(WebSocketError) -> MessageEvent? {
        let isWhole = piece.count == frame.payloadLength && frame.maskingKey == nil
        if !isWhole {
            _ = frame.takePayload(piece, phase: frameRead, into: &control)
            frameRead &+= piece.count
            guard frameRead == frame.payloadLength else { return nil }
        }
        let payload = isWhole ? piece : control.readableBytes
        stage = .header
        switch frame.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default:
            let close = try ClosePayload(payload)
            stage = .closed
            return .close(close.code, reason: close.reason)
        }
    }
}
