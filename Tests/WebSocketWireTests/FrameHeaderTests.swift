import HTTPWire
import Testing
import WebSocketWire

@Suite struct FrameHeaderTests {
    private func parse(_ bytes: [UInt8]) throws -> FrameHeader? {
        try bytes.withUnsafeBytes { try FrameHeader.parse($0) }
    }

    private func code(_ bytes: [UInt8]) -> CloseCode? {
        do {
            _ = try parse(bytes)
            return nil
        } catch {
            return (error as? WebSocketError)?.closeCode
        }
    }

    private func write(_ header: FrameHeader) -> [UInt8] {
        var buffer = ByteBuffer()
        header.append(to: &buffer)
        return Array(buffer.readableBytes)
    }

    // RFC 6455 §5.2: 7, 7+16 or 7+64 bits, the shortest that will do.
    @Test(
        arguments: [
            (0, [0x82, 0x00]), (125, [0x82, 125]), (126, [0x82, 126, 0, 126]), (65_535, [0x82, 126, 0xFF, 0xFF]),
            (65_536, [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
            (Int.max, [0x82, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ] as [(Int, [UInt8])])
    func aLengthIsWrittenAndReadInItsShortestForm(length: Int, bytes: [UInt8]) throws {
        let header = FrameHeader(opcode: .binary, payloadLength: length)
        #expect(write(header) == bytes)
        #expect(header.byteCount == bytes.count)
        #expect(try parse(bytes) == header)
    }

    @Test(
        arguments: [
            [0x82, 126, 0, 0], [0x82, 126, 0, 125], [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1],
            [0x82, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF],
        ] as [[UInt8]])
    func aLengthInALongerFormIsRefused(bytes: [UInt8]) {
        #expect(code(bytes) == .protocolError)
    }

    @Test func aLengthWithItsHighestBitSetIsRefused() {
        #expect(code([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]) == .protocolError)
        #expect(code([0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == .protocolError)
    }

    @Test func reservedBitsAndOpcodesAreRefusedByTheFirstByteAlone() {
        for byte in UInt8.min ... .max {
            let opcode = byte & 0x0F
            let known = [0, 1, 2, 8, 9, 10].contains(opcode)
            let isWhole = byte & 0x80 != 0 || opcode < 8
            #expect((code([byte]) == nil) == (known && isWhole && byte & 0x70 == 0), "byte \(byte)")
        }
    }

    // RFC 6455 §5.5.
    @Test func aControlFrameHasAtMost125Bytes() {
        #expect(code([0x89, 125]) == nil)
        #expect(code([0x89, 126]) == .protocolError)
        #expect(code([0x8A, 127]) == .protocolError)
        #expect(code([0x88, 0xFE]) == .protocolError)
    }

    @Test func aHeaderIsReadOnlyWhenItIsWhole() throws {
        let key = MaskingKey(1, 2, 3, 4)
        for length in [5, 300, 70_000] {
            let header = FrameHeader(isFinal: false, opcode: .text, maskingKey: key, payloadLength: length)
            let bytes = write(header)
            #expect(bytes.suffix(4) == [1, 2, 3, 4])
            for count in 0..<bytes.count { #expect(try parse(Array(bytes.prefix(count))) == nil) }
            #expect(try parse(bytes + [9, 9]) == header)
        }
        #expect(FrameHeader(opcode: .text, maskingKey: key, payloadLength: .max).byteCount == FrameHeader.maxByteCount)
    }
}
