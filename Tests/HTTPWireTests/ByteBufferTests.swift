import HTTPWire
import Testing

@Suite struct ByteBufferTests {
    private func contents(_ buffer: borrowing ByteBuffer) -> [UInt8] { Array(buffer.readableBytes) }

    @Test func aNewBufferAllocatesNothing() {
        let buffer = ByteBuffer()
        let capacity = buffer.capacity
        let isEmpty = buffer.isEmpty
        let bytes = buffer.readableBytes.count
        #expect(capacity == 0)
        #expect(isEmpty)
        #expect(bytes == 0)
    }

    @Test func bytesComeOutInTheOrderTheyWentIn() {
        var buffer = ByteBuffer()
        buffer.append("ab")
        buffer.append(0x63)
        [0x64, 0x65].withUnsafeBytes { buffer.append(UnsafeRawBufferPointer(rebasing: $0[0..<1])) }
        buffer.append("é")
        buffer.append(UnsafeRawBufferPointer(start: nil, count: 0))
        let all = contents(buffer)
        buffer.consume(2)
        let rest = contents(buffer)
        #expect(all == [0x61, 0x62, 0x63, 0x64, 0xC3, 0xA9])
        #expect(rest == [0x63, 0x64, 0xC3, 0xA9])
    }

    @Test func growingKeepsTheBytes() {
        var buffer = ByteBuffer()
        for index in 0..<10_000 { buffer.append(UInt8(truncatingIfNeeded: index)) }
        let bytes = contents(buffer)
        #expect(bytes == (0..<10_000).map { UInt8(truncatingIfNeeded: $0) })
    }

    @Test func roomInFrontIsUsedBeforeTheAllocationGrows() {
        var buffer = ByteBuffer(capacity: 1_000)
        for _ in 0..<1_000 { buffer.append(0x61) }
        buffer.consume(999)
        buffer.reserve(900)
        let capacity = buffer.capacity
        let bytes = contents(buffer)
        #expect(capacity == 1_000)
        #expect(bytes == [0x61])
    }

    @Test func writtenSpaceIsTakenOverByCommit() {
        var buffer = ByteBuffer()
        buffer.append("x")
        let space = buffer.writableSpace(minimum: 500)
        let room = space.count
        space.copyBytes(from: [0x79, 0x7A])
        buffer.commit(2)
        let bytes = contents(buffer)
        #expect(room >= 500)
        #expect(bytes == [0x78, 0x79, 0x7A])
    }

    @Test func anEmptiedBufferKeepsASmallAllocationAndGivesALargeOneBack() {
        var buffer = ByteBuffer(capacity: 100, retainedCapacity: 1_000)
        buffer.append("x")
        buffer.consume(1)
        let kept = buffer.capacity
        buffer.reserve(2_000)
        buffer.append("x")
        buffer.consume(1)
        let shrunk = buffer.capacity
        #expect(kept == 100)
        #expect(shrunk == 0)
    }

    @Test func storageIsReleasedOnlyWhenNothingIsHeld() {
        var buffer = ByteBuffer(capacity: 100)
        buffer.append("x")
        buffer.releaseStorage()
        let held = contents(buffer)
        buffer.consume(1)
        buffer.releaseStorage()
        let capacity = buffer.capacity
        #expect(held == [0x78])
        #expect(capacity == 0)
    }

    @Test func anErrorPassesThroughWithUnsafeBytes() {
        let buffer = ByteBuffer()
        #expect(throws: CancellationError.self) {
            try buffer.withUnsafeBytes { (_: UnsafeRawBufferPointer) throws(CancellationError) in
                throw CancellationError()
            }
        }
    }
}
