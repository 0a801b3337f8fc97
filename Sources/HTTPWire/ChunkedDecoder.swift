/// Takes a body apart that was sent in chunks (RFC 9112 §7.1).
///
/// A plain value without memory of its own: it consumes every byte it looks at and points at the body
/// bytes where they lie. Extensions are checked and skipped. Trailer fields are checked and dropped,
/// as RFC 9110 §6.5.1 allows; those that would change the framing or the host are refused.
public struct ChunkedDecoder: Sendable {
    enum State: Sendable {
        case sizeStart, size, spaceAfterSize
        case extensionStart, extensionName, spaceAfterName
        case valueStart, tokenValue, quotedValue, quotedPair, valueEnd
        case lineEnd
        case data, dataEnd, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineEnd, lastLineFeed
        case finished, failed
    }

    var state = State.sizeStart
    /// Bytes still to come of the chunk in `data`; the size read so far before.
    var remaining: UInt64 = 0
    /// Body bytes announced by all chunks so far.
    var announced: UInt64 = 0
    var lineBytes = 0
    var extensionBytes = 0
    var trailerBytes = 0
    var trailerCount = 0
    var trailerName = ForbiddenTrailer()
    var failure = RequestError(400, "chunk: malformed")
    let bodyLimit: UInt64
    let lineLimit: Int
    let extensionLimit: Int
    let trailerBytesLimit: Int
    let trailerCountLimit: Int

    /// A decoder at the start of a body, with the limits for bodies, chunk lines and trailers of `limits`.
    public init(limits: RequestLimits = RequestLimits()) {
        bodyLimit = UInt64(max(0, limits.body))
        lineLimit = limits.chunkLine
        extensionLimit = limits.chunkExtensionBytes
        trailerBytesLimit = limits.trailerBytes
        trailerCountLimit = limits.trailerCount
    }

    /// Looks at `bytes`, which follow those consumed so far.
    public mutating func next(_ bytes: UnsafeRawBufferPointer) -> ChunkProgress {
        do throws(RequestError) {
            return try advance(bytes)
        } catch {
            state = .failed
            failure = error
            return .failed(error)
        }
    }

    private mutating func advance(_ bytes: UnsafeRawBufferPointer) throws(RequestError) -> ChunkProgress {
        if state == .finished { return .finished(consumed: 0) }
        if state == .failed { throw failure }
        guard let base = bytes.baseAddress else { return .needsMore(consumed: 0) }
        let count = bytes.count
        var index = 0
        while index < count {
            if state == .data {
                let taken = Int(min(remaining, UInt64(count &- index)))
                let range = ByteRange(from: index, to: index &+ taken)
                remaining &-= UInt64(taken)
                if remaining == 0 { state = .dataEnd }
                return .data(range, consumed: index &+ taken)
            }
            let byte = base.byte(index)
            index &+= 1
            switch state {
            case .sizeStart, .size, .spaceAfterSize, .lineEnd:
                try readSize(byte)
            case .extensionStart, .extensionName, .spaceAfterName, .valueStart, .tokenValue, .quotedValue, .quotedPair,
                .valueEnd:
                try readExtension(byte)
            case .dataEnd:
                try expect(byte, ASCII.carriageReturn, then: .dataLineFeed)
            case .dataLineFeed:
                try expect(byte, ASCII.lineFeed, then: .sizeStart)
            case .trailerStart, .trailerName, .trailerValue, .trailerLineEnd:
                try readTrailer(byte)
            case .lastLineFeed:
                try expect(byte, ASCII.lineFeed, then: .finished)
                return .finished(consumed: index)
            case .data, .finished, .failed:
                fatalError("bug: no byte is read in this state")
            }
        }
        return .needsMore(consumed: count)
    }

    @inline(__always)
    private mutating func expect(_ byte: UInt8, _ expected: UInt8, then next: State) throws(RequestError) {
        guard byte == expected else {
            throw RequestError(400, "chunk: expected carriage return and line feed behind its data")
        }
        state = next
    }

    /// Counts a byte of the line that announces a chunk.
    @inline(__always)
    mutating func countLineByte() throws(RequestError) {
        lineBytes &+= 1
        guard lineBytes <= lineLimit else {
            throw RequestError(400, "chunk: line too long; send short extensions or none")
        }
    }

    /// The line that announces a chunk, up to its extensions, and its line feed.
    private mutating func readSize(_ byte: UInt8) throws(RequestError) {
        try countLineByte()
        switch state {
        case .lineEnd:
            guard byte == ASCII.lineFeed else {
                throw RequestError(400, "chunk: carriage return without line feed in its line")
            }
            lineBytes = 0
            guard remaining > 0 else {
                state = .trailerStart
                return
            }
            guard remaining <= bodyLimit &- announced else { throw RequestError(413, "content: too long; send less") }
            announced &+= remaining
            state = .data
        case .spaceAfterSize:
            // Bad white space, allowed only in front of an extension (RFC 9112 §7.1.1).
            if isWhitespace(byte) { return }
            guard byte == ASCII.semicolon else {
                throw RequestError(400, "chunk size: white space behind it; send none")
            }
            state = .extensionStart
        default:
            if ByteSet.hexDigit.contains(byte) {
                guard remaining >> 59 == 0 else { throw RequestError(400, "chunk size: number too large") }
                let digit = byte & 0x40 == 0 ? byte & 0x0F : (byte & 0x0F) &+ 9
                remaining = remaining << 4 | UInt64(digit)
                state = .size
            } else if state == .sizeStart {
                throw RequestError(400, "chunk size: expected hexadecimal digits")
            } else if byte == ASCII.carriageReturn {
                state = .lineEnd
            } else if byte == ASCII.semicolon {
                state = .extensionStart
            } else if isWhitespace(byte) {
                state = .spaceAfterSize
            } else {
                throw RequestError(400, "chunk size: expected hexadecimal digits")
            }
        }
    }
}
