import Testing

@testable import WebSocketWire

@Suite struct MaskingKeyTests {
    // RFC 6455 §5.3: octet i is combined with octet i mod 4 of the key.
    @Test func everyLengthAndPhaseIsMaskedByTheRule() {
        let octets: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        let key = MaskingKey(0x37, 0xFA, 0x21, 0x3D)
        for count in 0...40 {
            let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            for phase in 0..<9 {
                var result = [UInt8](repeating: 0xEE, count: count + 1)
                payload.withUnsafeBytes { source in
                    result.withUnsafeMutableBytes { target in
                        guard let from = source.baseAddress, let to = target.baseAddress else { return }
                        key.apply(from, to: to, count: count, phase: phase)
                    }
                }
                let expected = payload.enumerated().map { $1 ^ octets[($0 + phase) % 4] }
                #expect(result == expected + [0xEE], "\(count) bytes from phase \(phase)")
            }
        }
    }

    @Test func maskingTwiceInPlaceGivesTheBytesBack() {
        let key = MaskingKey(1, 2, 3, 4)
        var bytes = Array("a message of odd length".utf8)
        let original = bytes
        for _ in 0..<2 {
            bytes.withUnsafeMutableBytes { raw in
                guard let base = raw.baseAddress else { return }
                key.apply(UnsafeRawPointer(base), to: base, count: raw.count, phase: 3)
            }
        }
        #expect(bytes == original)
    }

    @Test func theSystemsKeysDiffer() {
        var keys = MaskingKeys.system
        let drawn = Set((0..<100).map { _ in keys.next().bits })
        // Two equal ones of a hundred: once in a million runs.
        #expect(drawn.count >= 99)
    }
}
