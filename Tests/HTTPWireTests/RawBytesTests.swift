import Testing

@testable import HTTPWire

@Suite struct RawBytesTests {
    private func firstControl(_ bytes: [UInt8], from start: Int, to end: Int) -> Int? {
        bytes.withUnsafeBytes { $0.baseAddress?.firstControl(from: start, to: end) }
    }

    @Test func aControlIsFoundWhereverItStands() {
        for count in 1...33 {
            for place in 0..<count {
                for control in [UInt8(0), 8, 10, 13, 31, 127] {
                    var bytes = Array(repeating: UInt8(ascii: "a"), count: count + 2)
                    // What is outside must not matter.
                    bytes[0] = 10
                    bytes[count + 1] = 10
                    #expect(firstControl(bytes, from: 1, to: count + 1) == count + 1)
                    bytes[place + 1] = control
                    #expect(firstControl(bytes, from: 1, to: count + 1) == place + 1)
                }
            }
        }
    }

    @Test func theFirstOfSeveralIsFound() {
        for count in 2...20 {
            for place in 0..<count - 1 {
                var bytes = Array(repeating: UInt8(ascii: " "), count: count)
                bytes[place] = 127
                bytes[count - 1] = 0
                #expect(firstControl(bytes, from: 0, to: count) == place)
            }
        }
    }

    @Test func tabsAndBytesBeyondASCIIAreNone() {
        for count in 0...20 {
            for byte in [UInt8(9), 32, 126, 128, 255] {
                #expect(firstControl(Array(repeating: byte, count: count + 1), from: 0, to: count) == count)
            }
        }
    }
}
