import HTTPWire
import LuaRuntime

/// The bytes of a request that is made here and not received: a head as it would come over the wire, and a body.
///
/// What it is made of is not judged but written as it stands: the parser judges it, as it does a stranger's.
struct MemoryRequest: ~Copyable {
    /// From the request line to the empty line.
    private(set) var head = ByteBuffer()
    /// How many fields the head must turn out to have: more or less of them, and something held a line break.
    private(set) var fieldCount = 0
    /// Where the parser has long refused what there is.
    private static let mostWritten = 1 << 20
    private var hasHost = false
    private var hasLength = false
    private var isChunked = false

    init(method: UnsafeRawBufferPointer, target: UnsafeRawBufferPointer) {
        head.append(method)
        head.append(" ")
        head.append(target)
        head.append(" HTTP/1.1\r\n")
    }

    /// Adds a field line: "Name: value".
    mutating func add(_ line: UnsafeRawBufferPointer) {
        if head.readableBytes.count > Self.mostWritten { return }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        if ASCIICase.equal(name, "Host") { hasHost = true }
        if ASCIICase.equal(name, "Content-Length") { hasLength = true }
        if ASCIICase.equal(name, "Transfer-Encoding") { isChunked = true }
        head.append(line)
        head.append("\r\n")
        fieldCount += 1
    }

    /// Ends the head, adding the Host and Content-Length that a client would send, and writes the body as the head
    /// announces it: in one chunk behind a Transfer-Encoding, else as it is.
    mutating func finish(body: UnsafeRawBufferPointer?, into input: inout ByteBuffer) {
        if !hasHost {
            ResponseWriter.literalField("Host", "memory", into: &head)
            fieldCount += 1
        }
        if let body, !hasLength, !isChunked {
            ResponseWriter.contentLength(body.count, into: &head)
            fieldCount += 1
        }
        ResponseWriter.endOfHead(into: &head)
        if isChunked {
            if let body { ResponseWriter.chunk(body, into: &input) }
            ResponseWriter.lastChunk(into: &input)
        } else if let body {
            input.append(body)
        }
    }
}
