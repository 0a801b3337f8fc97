import HTTPWire
import Testing

@Suite struct ByteRangeTests {
    @Test func aSliceIsThatStretchOfTheBytes() {
        let bytes: [UInt8] = [1, 2, 3, 4, 5]
        let slice = bytes.withUnsafeBytes { Array(ByteRange(from: 1, to: 4).slice(of: $0)) }
        let empty = bytes.withUnsafeBytes { ByteRange(from: 5, to: 5).slice(of: $0).count }
        #expect(slice == [2, 3, 4])
        #expect(empty == 0)
        #expect(ByteRange.empty.isEmpty)
        #expect(ByteRange(from: 1, to: 4) == ByteRange(start: 1, count: 3))
    }
}
