import HTTPWire

/// The beginning of a frame, all but its payload (RFC 6455 §5.2).
public struct FrameHeader: Sendable, Equatable {
    /// Whether it is the last frame of its message.
    public var isFinal: Bool
    /// What the frame is.
    public var opcode: Opcode
    /// The key its payload is masked with; nil when it is not masked.
    public var maskingKey: MaskingKey?
    /// Bytes of the payload; at most 125 in control frames.
    public var payloadLength: Int

    /// Most bytes a header has.
    public static var maxByteCount: Int { 14 }

    /// A header of a frame; `payloadLength` must not be negative.
    public init(isFinal: Bool = true, opcode: Opcode, maskingKey: MaskingKey? = nil, payloadLength: Int) {
        self.isFinal = isFinal
        self.opcode = opcode
        self.maskingKey = maskingKey
        self.payloadLength = payloadLength
    }

    /// Bytes that the header takes: 2 to 14.
    public var byteCount: Int {
        (payloadLength < 126 ? 2 : payloadLength <= 0xFFFF ? 4 : 10) + (maskingKey == nil ? 0 : 4)
    }

    /// Reads the header that `bytes` begin with, or gives nil while too few are there.
    ///
    /// Throws 1002 at the first byte that no valid header can have: reserved bits (no extension is ever agreed on)
    /// and opcodes, fragmented or long control frames, a length not in its shortest form or with its highest bit set.
    public static func parse(_ bytes: UnsafeRawBufferPointer) throws(WebSocketError) -> FrameHeader? {
        guard bytes.count > 0 else { return nil }
        let first = bytes[0]
        guard first & 0x70 == 0 else {
            throw WebSocketError(.protocolError, "frame: reserved bit set; expected none without an extension")
        }
        guard let opcode = Opcode(rawValue: first & 0x0F) else {
            throw WebSocketError(.protocolError, "opcode: \(first & 0x0F) is reserved; expected 0, 1, 2, 8, 9 or 10")
        }
        let isFinal = first & 0x80 != 0
        guard isFinal || !opcode.isControl else {
            throw WebSocketError(.protocolError, "control frame: fragmented; expected it in one piece")
        }
        guard bytes.count > 1 else { return nil }
        let short = bytes[1] & 0x7F
        guard short < 126 || !opcode.isControl else {
            throw WebSocketError(.protocolError, "control frame: longer than 125 bytes; expected a shorter one")
        }
        guard let (length, lengthEnd) = try payloadLength(bytes, short) else { return nil }
        var header = FrameHeader(isFinal: isFinal, opcode: opcode, payloadLength: length)
        if bytes[1] & 0x80 != 0 {
            guard bytes.count >= lengthEnd &+ 4 else { return nil }
            let bits = bytes.loadUnaligned(fromByteOffset: lengthEnd, as: UInt32.self)
            header.maskingKey = MaskingKey(bits: UInt32(littleEndian: bits))
        }
        return header
    }

    /// The length of the payload and the offset behind it, or nil while too few bytes are there.
    private static func payloadLength(
        _ bytes: UnsafeRawBufferPointer, _ short: UInt8
    ) throws(WebSocketError) -> (length: Int, end: Int)? {
        let shortest: UInt64
        let length: UInt64
        let end: Int
        switch short {
        case 126:
            guard bytes.count >= 4 else { return nil }
            length = UInt64(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
            (shortest, end) = (126, 4)
        case 127:
            guard bytes.count >= 10 else { return nil }
            length = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
            (shortest, end) = (0x1_0000, 10)
        default: return (Int(short), 2)
        }
        guard length >> 63 == 0 else {
            throw WebSocketError(.protocolError, "payload length: highest bit set; expected a length below 2^63")
        }
        guard length >= shortest else {
            throw WebSocketError(
                .protocolError, "payload length: \(length) not in its shortest form; expected fewer bytes")
        }
        return (Int(length), end)
    }

    /// Appends the header, its length in the shortest form.
    public func append(to buffer: inout ByteBuffer) {
        let count = byteCount
        let room = buffer.writableSpace(minimum: count)
        room[0] = (isFinal ? 0x80 : 0) | opcode.rawValue
        let maskBit: UInt8 = maskingKey == nil ? 0 : 0x80
        var end = 2
        if payloadLength < 126 {
            room[1] = maskBit | UInt8(truncatingIfNeeded: payloadLength)
        } else if payloadLength <= 0xFFFF {
            room[1] = maskBit | 126
            room.storeBytes(of: UInt16(truncatingIfNeeded: payloadLength).bigEndian, toByteOffset: 2, as: UInt16.self)
            end = 4
        } else {
            room[1] = maskBit | 127
            room.storeBytes(of: UInt64(payloadLength).bigEndian, toByteOffset: 2, as: UInt64.self)
            end = 10
        }
        if let maskingKey {
            room.storeBytes(of: maskingKey.bits.littleEndian, toByteOffset: end, as: UInt32.self)
        }
        buffer.commit(count)
    }
}
