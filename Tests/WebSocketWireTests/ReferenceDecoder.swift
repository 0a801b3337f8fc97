import WebSocketWire

/// RFC 6455 §5 read in the plainest way from all bytes at once, to compare with: slow, and made of other parts.
struct ReferenceDecoder {
    private let role: Role
    private let limit: Int
    private var rest: ArraySlice<UInt8>
    private var seen: [Seen] = []
    private var open: UInt8?
    private var message: [UInt8] = []

    static func decode(_ bytes: [UInt8], role: Role, limit: Int) -> [Seen] {
        var decoder = ReferenceDecoder(role: role, limit: limit, rest: bytes[...])
        while decoder.readFrame() {}
        return decoder.seen
    }

    private init(role: Role, limit: Int, rest: ArraySlice<UInt8>) {
        self.role = role
        self.limit = limit
        self.rest = rest
    }

    private mutating func fail(_ code: UInt16) -> Bool {
        seen.append(.failed(code))
        return false
    }

    private mutating func take(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Reads one frame; false when nothing more is to be read.
    private mutating func readFrame() -> Bool {
        guard let first = take(1)?[0] else { return false }
        let opcode = first & 15
        let final = first >= 128
        guard (first >> 4) & 7 == 0, [0, 1, 2, 8, 9, 10].contains(opcode), final || opcode < 8 else {
            return fail(1002)
        }
        guard let second = take(1)?[0] else { return false }
        var length = UInt64(second % 128)
        if opcode >= 8, length > 125 { return fail(1002) }
        if length >= 126 {
            guard let digits = take(length == 126 ? 2 : 8) else { return false }
            length = digits.reduce(0) { $0 * 256 + UInt64($1) }
            if length < (digits.count == 2 ? 126 : 65_536) || length > UInt64(Int.max) { return fail(1002) }
        }
        var mask: [UInt8] = [0, 0, 0, 0]
        if second >= 128 {
            guard let key = take(4) else { return false }
            mask = key
        }
        if (second >= 128) != (role == .server) { return fail(1002) }
        if opcode < 8 {
            if (opcode == 0) != (open != nil) { return fail(1002) }
            if Int(length) > limit - message.count { return fail(1009) }
            if opcode != 0 { open = opcode }
        }
        let isWhole = rest.count >= Int(length)
        let payload = rest.prefix(Int(length)).enumerated().map { $1 ^ mask[$0 % 4] }
        rest = rest.dropFirst(payload.count)
        return opcode < 8 ? data(payload, isWhole, final) : isWhole && control(opcode, payload)
    }

    private mutating func data(_ payload: [UInt8], _ isWhole: Bool, _ final: Bool) -> Bool {
        message += payload
        if open == 1 {
            let ends: [[UInt8]] =
                isWhole && final
                ? [[]]
                : [[]] + [0x80, 0x90, 0xA0].flatMap { [[$0], [$0, 0x80], [$0, 0x80, 0x80]] }
            guard ends.contains(where: { String(validating: message + $0, as: UTF8.self) != nil }) else {
                return fail(1007)
            }
        }
        guard isWhole else { return false }
        guard final else { return true }
        seen.append(open == 1 ? .text(String(decoding: message, as: UTF8.self)) : .binary(message))
        open = nil
        message = []
        return true
    }

    private mutating func control(_ opcode: UInt8, _ payload: [UInt8]) -> Bool {
        switch opcode {
        case 9: seen.append(.ping(payload))
        case 10: seen.append(.pong(payload))
        default:
            guard payload.count > 0 else {
                seen.append(.close(nil, ""))
                return false
            }
            guard payload.count > 1 else { return fail(1002) }
            let code = UInt16(payload[0]) * 256 + UInt16(payload[1])
            let isFree = (3_000..<5_000).contains(code)
            guard isFree || (1_000..<1_015).contains(code) && ![1_004, 1_005, 1_006].contains(code) else {
                return fail(1002)
            }
            guard let reason = String(validating: payload[2...], as: UTF8.self) else { return fail(1007) }
            seen.append(.close(code, reason))
            return false
        }
        return true
    }
}
