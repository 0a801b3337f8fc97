import Glibc
import HTTPWire
import Testing
import WebSocketWire

/// Damaged conversations, and what must hold for every input. `GREENHOUSE_FUZZ_INPUTS` sets how many are tried.
@Suite struct MutationFuzzTests {
    private static func corpus(_ mask: [UInt8]?) -> [[UInt8]] {
        [
            frame(1, "Hello", mask: mask), frame(1, "häß 世界 🌍", mask: mask), frame(2, [0, 1, 2, 0xFF], mask: mask),
            frame(1, "He", final: false, mask: mask) + frame(0, "llo", mask: mask),
            frame(1, [0xF0, 0x9F], final: false, mask: mask) + frame(9, "a", mask: mask)
                + frame(0, [0x8C, 0x8D], mask: mask),
            frame(2, final: false, mask: mask) + frame(0, [7], final: false, mask: mask) + frame(0, mask: mask),
            frame(9, mask: mask), frame(10, "pong", mask: mask),
            frame(2, [UInt8](repeating: 0xC3, count: 130), mask: mask),
            frame(8, [0x03, 0xE8] + Array("bye".utf8), mask: mask), frame(8, mask: mask),
        ]
    }
    private static let fragments: [[UInt8]] = [
        [0x81], [0x01], [0x80], [0x00], [0x82, 0x80], [0x82, 0x01], [0x88, 0x02, 0x03, 0xED], [0x89, 0x7E], [0xC1],
        [0x82, 0x7E, 0x00, 0x7E], [0x82, 0x7E, 0x00, 0x05], [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0],
        [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], [0xFF], [0xC3], [0xED, 0xA0], [0xF4, 0x90], [0xE0, 0x80], [0x83],
    ]

    @Test(arguments: [Role.client, .server])
    func everyDamagedConversationIsReadAsTheStandardSays(role: Role) {
        let count = getenv("GREENHOUSE_FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 100_000
        let mask: [UInt8]? = role == .server ? [0x37, 0xFA, 0x21, 0x3D] : nil
        var fuzzer = MutationFuzzer(seed: 3, corpus: Self.corpus(mask), fragments: Self.fragments)
        var failures: [UInt16: Int] = [:]
        var messages = 0
        for number in 0..<(count / 2) {
            let input = fuzzer.next()
            var limits = MessageLimits()
            if number % 4 == 0 { limits.maxMessage = 4 }
            let whole = decode(input, role: role, limits: limits)
            let splits =
                number % 8 == 1
                ? Array(0...input.count) : (0..<3).map { _ in fuzzer.below(input.count + 1) }.sorted()
            if decode(input, role: role, limits: limits, splits: splits) != whole {
                Issue.record("differs when split at \(splits): \(input)")
            }
            if ReferenceDecoder.decode(input, role: role, limit: limits.maxMessage) != whole {
                Issue.record("differs from the reference: \(whole) from \(input)")
            }
            if case .failed(let code) = whole.last { failures[code, default: 0] += 1 }
            messages += whole.count
            if number % 4 == 2 { checkWrittenAgain(whole, role, fuzzer.below(9) + 1) }
        }
        #expect(messages > count / 2)
        for code in [1002, 1007, 1009] as [UInt16] { #expect(failures[code, default: 0] > count / 200, "\(code)") }
        #expect(failures.keys.allSatisfy { [1002, 1007, 1009].contains($0) })
    }

    /// What was read, written by the other end in fragments, is read again.
    private func checkWrittenAgain(_ seen: [Seen], _ role: Role, _ fragmentBytes: Int) {
        var writer = FrameWriter(role: role == .client ? .server : .client, fragmentBytes: fragmentBytes)
        var buffer = ByteBuffer()
        var expected = seen
        if case .failed = expected.last { expected.removeLast() }
        do {
            for event in expected {
                switch event {
                case .text(let text): try writer.message(text, into: &buffer)
                case .binary(let bytes): try writer.message(.binary, bytes, into: &buffer)
                case .ping(let bytes): try writer.ping(bytes, into: &buffer)
                case .pong(let bytes): try writer.pong(bytes, into: &buffer)
                case .close(let code, let reason):
                    try writer.close(code.map { CloseCode(rawValue: $0) }, reason: reason, into: &buffer)
                case .failed: break
                }
            }
        } catch {
            Issue.record("\(error): \(expected)")
        }
        let bytes = Array(buffer.readableBytes)
        if decode(bytes, role: role) != expected { Issue.record("differs when written again: \(expected)") }
    }
}
