/// The Date field line of one second (RFC 9110 §6.6.1), formatted once and copied into every response.
///
/// Keep one per loop and call ``update(_:)`` with the loop's time before a round of answers.
public struct DateHeader: ~Copyable {
    private static var lineCount: Int { 37 }
    private let line: UnsafeMutableRawPointer
    /// The second the line says.
    public private(set) var epochSecond: Int64

    /// The line for a second since 1970-01-01T00:00:00Z.
    public init(_ epochSecond: Int64) {
        line = .allocate(byteCount: DateHeader.lineCount, alignment: 8)
        line.copyMemory(from: UnsafeRawPointer(("Date: " as StaticString).utf8Start), byteCount: 6)
        (line + 35).copyMemory(from: UnsafeRawPointer(("\r\n" as StaticString).utf8Start), byteCount: 2)
        self.epochSecond = epochSecond
        HTTPDate.format(epochSecond, into: UnsafeMutableRawBufferPointer(start: line + 6, count: 29))
    }

    deinit {
        line.deallocate()
    }

    /// Formats anew if `epochSecond` is another second than the last one.
    public mutating func update(_ epochSecond: Int64) {
        guard epochSecond != self.epochSecond else { return }
        self.epochSecond = epochSecond
        HTTPDate.format(epochSecond, into: UnsafeMutableRawBufferPointer(start: line + 6, count: 29))
    }

    /// Appends the line, `Date: … GMT` with its line end.
    public borrowing func append(to buffer: inout ByteBuffer) {
        buffer.append(UnsafeRawPointer(line), DateHeader.lineCount)
    }
}
