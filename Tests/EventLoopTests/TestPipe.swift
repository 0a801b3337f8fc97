import Glibc
import Testing

/// A pipe whose both ends are closed with it.
final class TestPipe {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        readEnd = ends[0]
        writeEnd = ends[1]
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Puts one byte in, which makes the read end readable.
    func fill() {
        var byte: UInt8 = 1
        #expect(write(writeEnd, &byte, 1) == 1)
    }

    /// Takes one byte out.
    func drain() {
        var byte: UInt8 = 0
        #expect(read(readEnd, &byte, 1) == 1)
    }
}
