import HTTPWire

/// A response as this server has written it, read back: so it is known to be well formed, and is not judged again.
///
/// Points into the bytes it was made of.
struct WrittenResponse {
    let status: Int
    /// The field lines, each with its end.
    private let fieldLines: Slice<UnsafeRawBufferPointer>
    /// As it was sent, still in its chunks.
    private let content: UnsafeRawBufferPointer
    private var isChunked = false

    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let line = bytes.firstIndex(of: Self.lineFeed), line >= 12 else { return nil }
        // "HTTP/1.1 200 OK".
        status = bytes[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 }
        var start = line + 1
        while let end = bytes[start...].firstIndex(of: Self.lineFeed), end > start + 1 { start = end + 1 }
        guard start + 2 <= bytes.count else { return nil }
        fieldLines = bytes[(line + 1)..<start]
        content = UnsafeRawBufferPointer(rebasing: bytes[(start + 2)...])
        forEachField { name, value in
            if ASCIICase.equal(name, "Transfer-Encoding") { isChunked = true }
        }
    }

    private static let lineFeed = UInt8(ascii: "\n")

    /// The fields in the order they were written.
    func forEachField<Failure: Error>(
        _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        var rest = fieldLines
        while let end = rest.firstIndex(of: Self.lineFeed), let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            try body(
                UnsafeRawBufferPointer(rebasing: rest[rest.startIndex..<colon]),
                UnsafeRawBufferPointer(rebasing: rest[(colon + 2)..<(end - 1)]))
            rest = rest[(end + 1)...]
        }
    }

    /// The body, its chunks joined.
    var body: [UInt8] {
        guard isChunked else { return Array(content) }
        var joined: [UInt8] = []
        var limits = RequestLimits()
        limits.body = .max
        var decoder = ChunkedDecoder(limits: limits)
        var rest = content
        while case .data(let range, let consumed) = decoder.next(rest) {
            joined.append(contentsOf: range.slice(of: rest))
            rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
        }
        return joined
    }
}
