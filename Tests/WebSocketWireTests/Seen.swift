import HTTPWire
import WebSocketWire

/// What a decoder made of some bytes, copied out so that tests can compare it.
enum Seen: Equatable {
    case text(String)
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(UInt16?, String)
    case failed(UInt16)

    init(_ event: MessageEvent) {
        switch event {
        case .text(let bytes): self = .text(String(decoding: bytes, as: UTF8.self))
        case .binary(let bytes): self = .binary(Array(bytes))
        case .ping(let bytes): self = .ping(Array(bytes))
        case .pong(let bytes): self = .pong(Array(bytes))
        case .close(let code, let reason): self = .close(code?.rawValue, String(decoding: reason, as: UTF8.self))
        }
    }
}

/// Everything a fresh decoder yields for `bytes`, given in pieces that end at `splits`; ends with the first failure.
func decode(
    _ bytes: [UInt8], role: Role = .client, limits: MessageLimits = MessageLimits(), splits: [Int] = []
) -> [Seen] {
    var decoder = MessageDecoder(role: role, limits: limits)
    var seen: [Seen] = []
    var start = 0
    for end in splits + [bytes.count] {
        seen += feed(&decoder, Array(bytes[start..<end]))
        if case .failed = seen.last { break }
        start = end
    }
    return seen
}

/// What `decoder` yields for `bytes` in one piece.
func feed(_ decoder: inout MessageDecoder, _ bytes: [UInt8]) -> [Seen] {
    var seen: [Seen] = []
    bytes.withUnsafeBytes { raw in
        var offset = 0
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: raw[offset...])
            switch decoder.next(rest) {
            case .needsMore(let consumed):
                precondition(consumed == rest.count, "the decoder takes in everything")
                return
            case .event(let event, let consumed):
                precondition(consumed <= rest.count, "the decoder takes in no more than there is")
                seen.append(Seen(event))
                offset += consumed
            case .failed(let error):
                seen.append(.failed(error.closeCode?.rawValue ?? 0))
                return
            }
        }
    }
    return seen
}

/// A frame written by the letter of RFC 6455 §5.2, not by the code under test.
func frame(
    _ opcode: UInt8, _ payload: [UInt8] = [], final: Bool = true, reserved: UInt8 = 0, mask: [UInt8]? = nil
) -> [UInt8] {
    var bytes = [(final ? 0x80 : 0) | reserved << 4 | opcode]
    let maskBit: UInt8 = mask == nil ? 0 : 0x80
    switch payload.count {
    case 0..<126: bytes.append(maskBit | UInt8(payload.count))
    case 126..<65_536: bytes += [maskBit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
    default: bytes += [maskBit | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
    }
    guard let mask else { return bytes + payload }
    return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
}

func frame(_ opcode: UInt8, _ text: String, final: Bool = true, mask: [UInt8]? = nil) -> [UInt8] {
    frame(opcode, Array(text.utf8), final: final, mask: mask)
}

/// What `body` makes a writer write.
func written(
    role: Role = .server, key: MaskingKey = MaskingKey(0x37, 0xFA, 0x21, 0x3D), fragmentBytes: Int = .max,
    _ body: (inout FrameWriter, inout ByteBuffer) throws -> Void
) throws -> [UInt8] {
    var writer = FrameWriter(role: role, maskingKeys: .fixed(key), fragmentBytes: fragmentBytes)
    var buffer = ByteBuffer()
    try body(&writer, &buffer)
    return Array(buffer.readableBytes)
}

extension FrameWriter {
    mutating func message(_ text: String, into buffer: inout ByteBuffer) throws {
        try message(.text, Array(text.utf8), into: &buffer)
    }

    mutating func message(
        _ kind: MessageKind, _ bytes: [UInt8], into buffer: inout ByteBuffer
    ) throws {
        try bytes.withUnsafeBytes { try message(kind, $0, into: &buffer) }
    }

    mutating func fragment(
        _ kind: MessageKind, _ bytes: [UInt8], isLast: Bool, into buffer: inout ByteBuffer
    ) throws {
        try bytes.withUnsafeBytes { raw throws in
            try fragment(kind, raw, isLast: isLast, into: &buffer)
        }
    }

    mutating func ping(_ bytes: [UInt8], into buffer: inout ByteBuffer) throws {
        try bytes.withUnsafeBytes { try ping($0, into: &buffer) }
    }

    mutating func pong(_ bytes: [UInt8], into buffer: inout ByteBuffer) throws {
        try bytes.withUnsafeBytes { try pong($0, into: &buffer) }
    }
}
