import Testing
import WebSocketWire

@Suite struct MessageDecoderTests {
    // RFC 6455 §5.7, byte for byte.
    @Test func theExamplesOfTheStandardAreRead() {
        #expect(decode([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]) == [.text("Hello")])
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(decode(masked, role: .server) == [.text("Hello")])
        #expect(decode([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]) == [.text("Hello")])
        #expect(decode([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]) == [.ping(Array("Hello".utf8))])
        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(decode(pong, role: .server) == [.pong(Array("Hello".utf8))])
        let bytes = (0..<256).map { UInt8(truncatingIfNeeded: $0 * 7) }
        #expect(decode([0x82, 0x7E, 0x01, 0x00] + bytes) == [.binary(bytes)])
        let many = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 * 7) }
        #expect(decode([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + many) == [.binary(many)])
    }

    private static let mask: [UInt8] = [0xA1, 0x02, 0xFF, 0x30]

    /// Every kind of frame, fragments with control frames in between, and characters cut by fragment ends.
    private static func conversation(_ mask: [UInt8]?) -> [UInt8] {
        frame(1, "Grüße, 世界 🌍", mask: mask) + frame(2, [], mask: mask) + frame(9, "p", mask: mask)
            + frame(1, Array("a\u{1F30D}".utf8.prefix(3)), final: false, mask: mask) + frame(9, mask: mask)
            + frame(0, [], final: false, mask: mask) + frame(10, "q", mask: mask)
            + frame(0, Array("a\u{1F30D}b".utf8.dropFirst(3)), mask: mask)
            + frame(2, [UInt8](repeating: 0xFF, count: 130), mask: mask)
            + frame(8, [0x03, 0xE8] + Array("bye".utf8), mask: mask)
    }
    private static let heard: [Seen] = [
        .text("Grüße, 世界 🌍"), .binary([]), .ping([0x70]), .ping([]), .pong([0x71]), .text("a\u{1F30D}b"),
        .binary([UInt8](repeating: 0xFF, count: 130)), .close(1000, "bye"),
    ]

    @Test(arguments: [Role.client, .server])
    func everySplitOfAConversationSaysTheSame(role: Role) {
        let bytes = Self.conversation(role == .server ? Self.mask : nil)
        #expect(decode(bytes, role: role) == Self.heard)
        #expect(decode(bytes, role: role, splits: Array(0...bytes.count)) == Self.heard)
        for first in 0...bytes.count {
            #expect(decode(bytes, role: role, splits: [first]) == Self.heard, "split at \(first)")
            for second in first...bytes.count where (first + second) % 5 == 0 {
                #expect(decode(bytes, role: role, splits: [first, second]) == Self.heard, "\(first) and \(second)")
            }
        }
    }

    // RFC 6455 §5.1.
    @Test func aClientRefusesMaskedFramesAndAServerUnmaskedOnes() {
        #expect(decode(frame(1, "a", mask: Self.mask), role: .client) == [.failed(1002)])
        #expect(decode(frame(1, "a"), role: .server) == [.failed(1002)])
        #expect(decode(frame(9, mask: Self.mask), role: .client) == [.failed(1002)])
        #expect(decode(frame(8), role: .server) == [.failed(1002)])
    }

    // RFC 6455 §5.2.
    @Test(arguments: [1, 2, 4, 7] as [UInt8])
    func reservedBitsAreRefused(bits: UInt8) {
        #expect(decode(frame(1, Array("a".utf8), reserved: bits)) == [.failed(1002)])
    }

    @Test(arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func reservedOpcodesAreRefused(opcode: UInt8) {
        #expect(decode(frame(opcode)) == [.failed(1002)])
    }

    // RFC 6455 §5.4.
    @Test func fragmentsComeInOrder() {
        #expect(decode(frame(0, "a")) == [.failed(1002)])
        #expect(decode(frame(1, "a") + frame(0, "b")) == [.text("a"), .failed(1002)])
        #expect(decode(frame(1, "a", final: false) + frame(1, "b")) == [.failed(1002)])
        #expect(decode(frame(2, "a", final: false) + frame(2, "b", final: false)) == [.failed(1002)])
        #expect(
            decode(frame(2, "a", final: false) + frame(0, "b", final: false) + frame(0)) == [.binary([0x61, 0x62])])
    }

    // RFC 6455 §5.5.
    @Test func controlFramesAreShortAndWhole() {
        #expect(decode(frame(9, [UInt8](repeating: 1, count: 125))) == [.ping([UInt8](repeating: 1, count: 125))])
        #expect(decode(frame(9, [UInt8](repeating: 1, count: 126))) == [.failed(1002)])
        #expect(decode(frame(9, "a", final: false)) == [.failed(1002)])
        #expect(decode(frame(8, final: false)) == [.failed(1002)])
    }

    @Test func aLengthBeyond63BitsIsRefused() {
        #expect(decode([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]) == [.failed(1002)])
    }

    @Test func aMessageOverTheLimitIsRefusedByItsAnnouncement() {
        var limits = MessageLimits()
        limits.maxMessage = 10
        let ten = [UInt8](repeating: 1, count: 10)
        #expect(decode(frame(2, ten), limits: limits) == [.binary(ten)])
        #expect(decode([0x82, 11], limits: limits) == [.failed(1009)])
        #expect(decode(frame(2, ten, final: false) + frame(0), limits: limits) == [.binary(ten)])
        #expect(decode(frame(2, ten, final: false) + [0x80, 1], limits: limits) == [.failed(1009)])
        #expect(decode(frame(2, ten) + frame(2, ten), limits: limits) == [.binary(ten), .binary(ten)])
        #expect(decode(frame(9, ten + ten), limits: limits) == [.ping(ten + ten)])
        #expect(decode([0x82, 127, 0x7F] + [UInt8](repeating: 0xFF, count: 7)) == [.failed(1009)])
        #expect(MessageLimits().maxMessage == 16_777_216)
    }

    // RFC 6455 §8.1.
    @Test func textThatIsNotUTF8IsRefusedAtItsFirstWrongByte() {
        #expect(decode(frame(1, [0x61, 0xFF])) == [.failed(1007)])
        // Long before the frame or the message ends.
        #expect(decode([0x01, 100, 0x61, 0xC0]) == [.failed(1007)])
        #expect(decode([0x01, 100, 0xED, 0x9F, 0xBF, 0xED, 0xA0]) == [.failed(1007)])
        #expect(decode(frame(1, [0xF4], final: false) + [0x00, 50, 0x90]) == [.failed(1007)])
        // A character that the message's end cuts.
        #expect(decode(frame(1, [0xC3])) == [.failed(1007)])
        #expect(decode(frame(1, [0xC3], final: false) + frame(0)) == [.failed(1007)])
        #expect(decode(frame(1, [0xC3], final: false) + frame(9) + frame(0, [0xA4])) == [.ping([]), .text("ä")])
        #expect(decode(frame(2, [0xFF, 0xC3])) == [.binary([0xFF, 0xC3])])
    }

    @Test func aMessageAfterOneThatWasCutInACharacterStartsAfresh() {
        #expect(decode(frame(2, [0xC3], final: false) + frame(0) + frame(1, "a")) == [.binary([0xC3]), .text("a")])
        #expect(decode(frame(1, "ä", final: false) + frame(0) + frame(1, "b")) == [.text("ä"), .text("b")])
    }

    // RFC 6455 §5.5.1 and §7.4.
    @Test func aCloseFrameHasNothingOrACodeAndAReason() {
        #expect(decode(frame(8)) == [.close(nil, "")])
        #expect(decode(frame(8, [0x03])) == [.failed(1002)])
        #expect(decode(frame(8, [0x03, 0xE9])) == [.close(1001, "")])
        #expect(decode(frame(8, [0x03, 0xE8] + Array("schön".utf8))) == [.close(1000, "schön")])
        #expect(decode(frame(8, [0x03, 0xE8, 0xFF])) == [.failed(1007)])
        #expect(decode(frame(8, [0x03, 0xE8, 0xC3])) == [.failed(1007)])
    }

    @Test func aCloseCodeThatCannotBeSentIsRefused() {
        for code in UInt16.min ... .max {
            let expected: Seen = CloseCode(rawValue: code).mayBeSent ? .close(code, "") : .failed(1002)
            let seen = decode(frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)]))
            if seen != [expected] { Issue.record("code \(code): \(seen)") }
        }
    }

    // RFC 6455 §1.4: what follows a close frame is thrown away.
    @Test func whatFollowsACloseFrameIsThrownAway() {
        #expect(decode(frame(8) + frame(1, "a") + [0xFF, 0xFF]) == [.close(nil, "")])
        var decoder = MessageDecoder(role: .client)
        let first = feed(&decoder, frame(8))
        let second = feed(&decoder, [0xFF, 0x00])
        #expect(first == [.close(nil, "")])
        #expect(second == [])
    }

    @Test func aFailureStays() {
        var decoder = MessageDecoder(role: .client)
        let first = feed(&decoder, frame(1, [0xFF]))
        let second = feed(&decoder, frame(1, "a"))
        #expect(first == [.failed(1007)])
        #expect(second == first)
    }

    @Test func aPongInsideAFragmentedMessageLeavesItsBytesAlone() {
        let bytes =
            frame(2, [1, 2, 3], final: false, mask: Self.mask) + frame(10, [9, 9, 9, 9, 9], mask: Self.mask)
            + frame(0, [4, 5], mask: Self.mask)
        #expect(decode(bytes, role: .server) == [.pong([9, 9, 9, 9, 9]), .binary([1, 2, 3, 4, 5])])
    }

    @Test func aLongMaskedMessageInOddPiecesIsUnmasked() {
        let payload = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        let bytes = frame(2, payload, mask: Self.mask)
        #expect(
            decode(bytes, role: .server, splits: Array(stride(from: 3, to: bytes.count, by: 1_009))) == [
                .binary(payload)
            ])
    }
}
