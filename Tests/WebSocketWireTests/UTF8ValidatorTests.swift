import Testing

@testable import WebSocketWire

@Suite struct UTF8ValidatorTests {
    /// Whether the bytes are UTF-8, given one by one.
    private func accepts(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        for byte in bytes {
            guard [byte].withUnsafeBytes({ validator.accept($0) }) else { return false }
        }
        return validator.isComplete
    }

    private func acceptsAtOnce(_ bytes: [UInt8]) -> Bool {
        var validator = UTF8Validator()
        return bytes.withUnsafeBytes { validator.accept($0) } && validator.isComplete
    }

    @Test func everyCharacterIsAccepted() {
        var refused: [Unicode.Scalar] = []
        for number in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(number) else { continue }
            if !acceptsAtOnce(Array(String(scalar).utf8)) { refused.append(scalar) }
        }
        #expect(refused.isEmpty)
    }

    /// All leads outside ASCII that are not just continuation bytes, with all second bytes, and what may follow at its ends, against the standard library.
    @Test func whatTheStandardLibraryRefusesIsRefused() {
        let ends: [UInt8] = [0x7F, 0x80, 0xBF, 0xC0]
        var wrong: [[UInt8]] = []
        for lead in UInt8(0xBF) ... .max {
            for second in UInt8.min ... .max {
                var tries: [[UInt8]] = [[lead], [lead, second]]
                for third in ends {
                    tries.append([lead, second, third])
                    for fourth in ends { tries.append([lead, second, third, fourth]) }
                }
                for bytes in tries {
                    let isValid = String(validating: bytes, as: UTF8.self) != nil
                    if accepts(bytes) != isValid || acceptsAtOnce(bytes) != isValid { wrong.append(bytes) }
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }

    @Test func aWrongByteIsFoundWhereverItStandsBetweenWords() {
        for length in 1...40 {
            for place in 0..<length {
                var bytes = [UInt8](repeating: 0x61, count: length)
                #expect(acceptsAtOnce(bytes))
                bytes[place] = 0xFF
                #expect(!acceptsAtOnce(bytes))
            }
        }
    }
}
