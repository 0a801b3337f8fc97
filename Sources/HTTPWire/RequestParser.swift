import Glibc

/// Reads the head of one HTTP/1.x request, strictly by RFC 9112 and RFC 9110.
///
/// Give ``parse(_:)`` all bytes from the message's start each time more have arrived. The parser
/// remembers how far it has looked, so bytes that trickle in one by one cost no more in all than
/// bytes that come at once, and its verdict does not depend on how they were split.
///
/// It allocates once for its field table, on the first request, and reuses that after ``reset()``.
/// Not `Sendable`: a parser belongs to the loop that feeds it.
public struct RequestParser: ~Copyable {
    /// Where in the head the parser is.
    enum Stage {
        case leadingLines
        case requestLine
        case fields
        case complete
        case failed
    }

    /// How much is accepted.
    public let limits: RequestLimits
    /// What the head says; meaningful after ``ParseProgress/complete`` until ``reset()``.
    public internal(set) var head = RequestHead()

    var stage = Stage.leadingLines
    var failure: RequestError?
    /// Offset of the line being read.
    var lineStart = 0
    /// Offset up to which no line feed has been found.
    var scanned = 0
    var emptyLines = 0
    /// Offset of the first header line.
    var fieldsStart = 0
    var notes = FieldNotes()
    var table = FieldTable()

    /// A parser at the start of a message, with `limits`.
    public init(limits: RequestLimits = RequestLimits()) {
        self.limits = limits
    }

    /// The header fields in the order they came; valid after ``ParseProgress/complete`` until ``reset()``.
    ///
    /// The memory belongs to the parser and is used again for the next message.
    public var fields: UnsafeBufferPointer<HeaderField> {
        table.fields(head.fieldCount)
    }

    /// Gets ready for the next message. Keeps the field table.
    public mutating func reset() {
        head = RequestHead()
        stage = .leadingLines
        failure = nil
        lineStart = 0
        scanned = 0
        emptyLines = 0
        fieldsStart = 0
        notes = FieldNotes()
    }

    /// Gets ready for the next message and gives the field table back, for a connection that goes idle.
    public mutating func resetReleasingStorage() {
        reset()
        table.release()
    }

    /// Looks at `bytes`: all bytes of the message that have arrived, from its very first on.
    ///
    /// May hold bytes of the body and of later messages behind the head; ``RequestHead/byteCount`` says
    /// where the head ends. Once the answer is not ``ParseProgress/needsMore`` it stays the same until ``reset()``.
    /// Traps if fewer bytes come than before, or more than 2³²−1.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) -> ParseProgress {
        switch stage {
        case .complete: return .complete
        case .failed: if let failure { return .failed(failure) }
        case .leadingLines, .requestLine, .fields: break
        }
        precondition(bytes.count >= scanned, "parse needs all bytes from the message's start")
        precondition(bytes.count <= Int(UInt32.max), "a message's head cannot be longer than 4 GiB")
        guard let base = bytes.baseAddress else { return .needsMore }
        do throws(RequestError) {
            return try advance(base, bytes.count) ? .complete : .needsMore
        } catch {
            stage = .failed
            failure = error
            return .failed(error)
        }
    }

    /// Reads as many whole lines as there are; true when the head is complete.
    @inline(__always)
    private mutating func advance(_ base: UnsafeRawPointer, _ count: Int) throws(RequestError) -> Bool {
        if stage == .leadingLines {
            guard try skipLeadingLines(base, count) else { return false }
        }
        if stage == .requestLine {
            guard let end = try nextLine(base, count, limit: lineStart &+ limits.requestLine) else { return false }
            try readRequestLine(base, lineStart, end)
            lineStart = end &+ 2
            scanned = lineStart
            fieldsStart = lineStart
            stage = .fields
        }
        let limit = fieldsStart &+ limits.headBytes
        while let end = try nextLine(base, count, limit: limit) {
            let start = lineStart
            lineStart = end &+ 2
            scanned = lineStart
            if start == end {
                head.byteCount = lineStart
                try finish(base)
                stage = .complete
                return true
            }
            try readField(base, start, end)
        }
        return false
    }

    /// Skips empty lines before the request line (RFC 9112 §2.2); true when the first byte of a method is there.
    private mutating func skipLeadingLines(_ base: UnsafeRawPointer, _ count: Int) throws(RequestError) -> Bool {
        while lineStart < count {
            let byte = base.byte(lineStart)
            if ByteSet.token.contains(byte) {
                scanned = lineStart
                stage = .requestLine
                return true
            }
            // Refused at once, not at the line's end: a TLS greeting on a plain port has no line end.
            guard byte == ASCII.carriageReturn else {
                throw RequestError(400, "request line: first byte is not a method character; expected a token")
            }
            guard lineStart &+ 1 < count else { return false }
            guard base.byte(lineStart &+ 1) == ASCII.lineFeed else {
                throw RequestError(400, "request line: carriage return without line feed; end lines with both")
            }
            emptyLines &+= 1
            guard emptyLines <= limits.leadingEmptyLines else {
                throw RequestError(400, "request line: too many empty lines before it; send none")
            }
            lineStart &+= 2
            scanned = lineStart
        }
        return false
    }

    /// Offset of the carriage return that ends the line at `lineStart`, or nil while its line feed is missing.
    ///
    /// `limit` is the offset behind the last byte the line feed may be at.
    @inline(__always)
    private mutating func nextLine(_ base: UnsafeRawPointer, _ count: Int, limit: Int) throws(RequestError) -> Int? {
        guard let found = memchr(base + scanned, Int32(ASCII.lineFeed), count &- scanned) else {
            scanned = count
            if count >= limit { throw tooLong(base, limit) }
            return nil
        }
        let lineFeed = UnsafeRawPointer(found) - base
        if lineFeed >= limit { throw tooLong(base, limit) }
        guard lineFeed > lineStart, base.byte(lineFeed &- 1) == ASCII.carriageReturn else {
            throw RequestError(400, "line: line feed without carriage return; end lines with both")
        }
        return lineFeed &- 1
    }

    /// The error for a line that passes `limit`. RFC 9112 §3 tells a long method (501) from a long target (414).
    @inline(never)
    private func tooLong(_ base: UnsafeRawPointer, _ limit: Int) -> RequestError {
        if stage == .fields {
            return RequestError(431, "header fields: section too long; send fewer or shorter fields")
        }
        for index in lineStart..<limit where base.byte(index) == ASCII.space {
            return RequestError(414, "request target: too long; send a shorter one")
        }
        return RequestError(501, "method: too long; expected a known method")
    }
}
