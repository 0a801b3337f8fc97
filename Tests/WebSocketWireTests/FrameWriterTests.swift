import HTTPWire
import Testing
import WebSocketWire

@Suite struct FrameWriterTests {
    private let hello = Array("Hello".utf8)

    // RFC 6455 §5.7, byte for byte.
    @Test func theExamplesOfTheStandardAreWritten() throws {
        #expect(try written { try $0.message("Hello", into: &$1) } == [0x81, 0x05] + hello)
        let masked = try written(role: .client) { try $0.message("Hello", into: &$1) }
        #expect(masked == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        let fragments = try written(fragmentBytes: 3) { try $0.message("Hello", into: &$1) }
        #expect(fragments == [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F])
        #expect(try written { try $0.ping(hello, into: &$1) } == [0x89, 0x05] + hello)
        let pong = try written(role: .client) { try $0.pong(hello, into: &$1) }
        #expect(pong == [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        let bytes = [UInt8](repeating: 7, count: 256)
        #expect(try written { try $0.message(.binary, bytes, into: &$1) } == [0x82, 0x7E, 0x01, 0x00] + bytes)
        let many = [UInt8](repeating: 7, count: 65_536)
        let long = try written { try $0.message(.binary, many, into: &$1) }
        #expect(long == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + many)
    }

    @Test(arguments: [Role.client, .server])
    func whatOneRoleWritesTheOtherReads(role: Role) throws {
        for count in [0, 1, 7, 8, 9, 125, 126, 1_000, 65_535, 65_536, 70_001] {
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 13) }
            for fragmentBytes in [1_000, 4_096, .max] {
                let bytes = try written(role: role, fragmentBytes: fragmentBytes) {
                    try $0.message(.binary, payload, into: &$1)
                }
                #expect(decode(bytes, role: role == .client ? .server : .client) == [.binary(payload)])
            }
        }
    }

    @Test func everyFrameOfAClientHasAKeyOfItsOwn() throws {
        var writer = FrameWriter(role: .client)
        var buffer = ByteBuffer()
        for _ in 0..<100 { try writer.ping([], into: &buffer) }
        let bytes = Array(buffer.readableBytes)
        let keys = stride(from: 0, to: bytes.count, by: 6).map { Array(bytes[($0 + 2)..<($0 + 6)]) }
        // Two equal ones of a hundred: once in a million runs.
        #expect(Set(keys).count >= 99)
        #expect(keys.count == 100)
    }

    @Test func fragmentsOfUnknownLengthMayHaveControlFramesBetween() throws {
        let bytes = try written { writer, buffer in
            try writer.fragment(.text, Array("a\u{E4}".utf8.prefix(2)), isLast: false, into: &buffer)
            try writer.ping([], into: &buffer)
            try writer.fragment(.text, Array("\u{E4}".utf8.suffix(1)), isLast: false, into: &buffer)
            try writer.fragment(.text, [], isLast: true, into: &buffer)
            try writer.message("b", into: &buffer)
        }
        #expect(bytes == [0x01, 2, 0x61, 0xC3, 0x89, 0, 0x00, 1, 0xA4, 0x80, 0, 0x81, 1, 0x62])
        #expect(decode(bytes) == [.ping([]), .text("aä"), .text("b")])
    }

    @Test func whatCannotBeSentIsRefusedAndWritesNothing() throws {
        func refused(_ body: (inout FrameWriter, inout ByteBuffer) throws -> Void) -> String? {
            var writer = FrameWriter(role: .server)
            var buffer = ByteBuffer()
            do {
                try writer.fragment(.text, [0x61, 0xC3], isLast: false, into: &buffer)
                let before = buffer.count
                do {
                    try body(&writer, &buffer)
                } catch let error as WebSocketError {
                    #expect(buffer.count == before)
                    #expect(error.closeCode == nil)
                    // What was open goes on as if nothing had happened.
                    try writer.fragment(.text, [0xA4], isLast: true, into: &buffer)
                    let bytes = Array(buffer.readableBytes)
                    #expect(decode(bytes) == [.text("aä")])
                    return error.message
                }
            } catch {
                Issue.record("\(error)")
            }
            return nil
        }
        #expect(
            refused { try $0.fragment(.text, [0x61], isLast: false, into: &$1) } == "text: not UTF-8; send it as binary"
        )
        #expect(refused { try $0.fragment(.text, [], isLast: true, into: &$1) } == "text: not UTF-8; send it as binary")
        #expect(
            refused { try $0.fragment(.binary, [], isLast: true, into: &$1) }?.hasPrefix("message: fragments") == true)
        #expect(refused { try $0.message("a", into: &$1) }?.hasPrefix("message: fragments") == true)
        #expect(
            refused { try $0.ping([UInt8](repeating: 0, count: 126), into: &$1) } == "ping: 126 bytes; use at most 125")
        #expect(
            refused { try $0.pong([UInt8](repeating: 0, count: 126), into: &$1) } == "pong: 126 bytes; use at most 125")
        #expect(refused { try $0.close(.abnormal, into: &$1) }?.hasPrefix("close: code 1006 cannot be sent") == true)
        #expect(refused { try $0.close(nil, reason: "a", into: &$1) }?.hasPrefix("close: reason without") == true)
        let long = String(repeating: "ä", count: 62)
        #expect(
            refused { try $0.close(.normal, reason: long, into: &$1) } == "close: reason of 124 bytes; use at most 123")
    }

    @Test func aCloseFrameHasNothingOrACodeAndAReason() throws {
        #expect(try written { try $0.close(nil, into: &$1) } == [0x88, 0])
        #expect(try written { try $0.close(.normal, into: &$1) } == [0x88, 2, 0x03, 0xE8])
        let reason = String(repeating: "x", count: 123)
        let bytes = try written { try $0.close(CloseCode(rawValue: 4_000), reason: reason, into: &$1) }
        #expect(decode(bytes) == [.close(4_000, reason)])
    }

    // RFC 6455 §5.5.1.
    @Test func nothingButControlFramesFollowsAClose() throws {
        var writer = FrameWriter(role: .server)
        var buffer = ByteBuffer()
        try writer.close(.goingAway, into: &buffer)
        #expect(writer.isClosed)
        #expect(throws: WebSocketError.self) { try writer.message("a", into: &buffer) }
        #expect(throws: WebSocketError.self) { try writer.fragment(.binary, [], isLast: false, into: &buffer) }
        #expect(throws: WebSocketError.self) { try writer.close(.normal, into: &buffer) }
        try writer.pong([], into: &buffer)
        let bytes = Array(buffer.readableBytes)
        #expect(bytes == [0x88, 2, 0x03, 0xE9, 0x8A, 0])
    }
}
