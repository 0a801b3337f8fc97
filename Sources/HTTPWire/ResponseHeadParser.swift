import Glibc

/// Reads the head of one HTTP/1.x response, strictly by RFC 9112 and RFC 9110.
///
/// Give ``parse(_:)`` all bytes from the message's start each time more have arrived. The parser
/// remembers how far it has looked, so bytes that trickle in one by one cost no more in all than
/// bytes that come at once, and its verdict does not depend on how they were split.
///
/// Stricter than a user agent has to be: folded header lines (RFC 9112 §5.2), bare line feeds and a Content-Length
/// beside a Transfer-Encoding are refused. More lenient in one point: the space behind the status code may be
/// missing when there is no reason phrase, as many servers send it.
///
/// It allocates once for its field table, on the first response, and reuses that after ``reset(answering:)``.
/// Not `Sendable`: a parser belongs to the loop that feeds it.
public struct ResponseHeadParser: ~Copyable {
    /// Where in the head the parser is.
    private enum Stage {
        case statusLine
        case fields
        case complete
        case failed
    }

    /// How much is accepted.
    public let limits: ResponseLimits
    /// The method of the request that is answered; it decides whether there is a body (RFC 9112 §6.3).
    public private(set) var method: Method
    /// What the head says; meaningful after ``ResponseProgress/complete`` until ``reset(answering:)``.
    public internal(set) var head = ResponseHead()

    private var stage = Stage.statusLine
    private var failure: ResponseError?
    /// Offset of the line being read.
    private var lineStart = 0
    /// Offset up to which no line feed has been found.
    private var scanned = 0
    /// Offset of the first header line.
    private var fieldsStart = 0
    var notes = FieldNotes()
    /// Whether Transfer-Encoding named another coding than chunked.
    var hasUnknownCoding = false
    var table = FieldTable()

    /// A parser at the start of the response to a request by `method`, with `limits`.
    public init(answering method: Method = .get, limits: ResponseLimits = ResponseLimits()) {
        self.method = method
        self.limits = limits
    }

    /// The header fields in the order they came; valid after ``ResponseProgress/complete`` until ``reset(answering:)``.
    ///
    /// The memory belongs to the parser and is used again for the next message.
    public var fields: UnsafeBufferPointer<HeaderField> { table.fields(head.fieldCount) }

    /// Gets ready for the response to a request by `method`, or for the one behind an interim response.
    public mutating func reset(answering method: Method) {
        self.method = method
        head = ResponseHead()
        stage = .statusLine
        failure = nil
        lineStart = 0
        scanned = 0
        fieldsStart = 0
        notes = FieldNotes()
        hasUnknownCoding = false
    }

    /// Looks at `bytes`: all bytes of the message that have arrived, from its very first on.
    ///
    /// May hold bytes of the body and of later messages behind the head; ``ResponseHead/byteCount`` says
    /// where the head ends. Once the answer is not ``ResponseProgress/needsMore`` it stays the same until
    /// ``reset(answering:)``. Traps if fewer bytes come than before, or more than 2³²−1.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) -> ResponseProgress {
        switch stage {
        case .complete: return .complete
        case .failed: if let failure { return .failed(failure) }
        case .statusLine, .fields: break
        }
        precondition(bytes.count >= scanned, "parse needs all bytes from the message's start")
        precondition(bytes.count <= Int(UInt32.max), "a message's head cannot be longer than 4 GiB")
        guard let base = bytes.baseAddress else { return .needsMore }
        do throws(ResponseError) {
            return try advance(base, bytes.count) ? .complete : .needsMore
        } catch {
            stage = .failed
            failure = error
            return .failed(error)
        }
    }

    /// The index of the first field called `lowercaseName`, in any case, from field number `first` on, or nil.
    ///
    /// `bytes` are those given to the last `parse`.
    public func index(of lowercaseName: StaticString, in bytes: UnsafeRawBufferPointer, from first: Int) -> Int? {
        let name = UnsafeRawBufferPointer(start: lowercaseName.utf8Start, count: lowercaseName.utf8CodeUnitCount)
        return FieldLookup.index(ofName: name, among: fields, in: bytes, from: first)
    }

    /// Reads as many whole lines as there are; true when the head is complete.
    private mutating func advance(_ base: UnsafeRawPointer, _ count: Int) throws(ResponseError) -> Bool {
        if stage == .statusLine {
            try checkBeginning(base, count)
            guard let end = try nextLine(base, count, limit: limits.statusLine) else { return false }
            try readStatusLine(base, end)
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
                try finish()
                stage = .complete
                return true
            }
            try readField(base, start, end)
        }
        return false
    }

    /// Refuses what is no HTTP at all at its first wrong byte: a greeting of another protocol may have no line end.
    private func checkBeginning(_ base: UnsafeRawPointer, _ count: Int) throws(ResponseError) {
        let expected: StaticString = "HTTP/"
        for index in 0..<min(count, 5) where base.byte(index) != expected.utf8Start[index] {
            throw ResponseError(.malformed, "status line: does not begin with HTTP/; expected an HTTP/1.1 response")
        }
    }

    /// Offset of the carriage return that ends the line at `lineStart`, or nil while its line feed is missing.
    ///
    /// `limit` is the offset behind the last byte the line feed may be at.
    private mutating func nextLine(_ base: UnsafeRawPointer, _ count: Int, limit: Int) throws(ResponseError) -> Int? {
        guard let found = memchr(base + scanned, Int32(ASCII.lineFeed), count &- scanned) else {
            scanned = count
            if count >= limit { throw tooLong }
            return nil
        }
        let lineFeed = UnsafeRawPointer(found) - base
        if lineFeed >= limit { throw tooLong }
        guard lineFeed > lineStart, base.byte(lineFeed &- 1) == ASCII.carriageReturn else {
            throw ResponseError(.malformed, "line: line feed without carriage return; expected both")
        }
        return lineFeed &- 1
    }

    private var tooLong: ResponseError {
        stage == .fields
            ? ResponseError(.tooLarge, "header fields: section too long; expected fewer or shorter fields")
            : ResponseError(.tooLarge, "status line: too long; expected a shorter one")
    }
}
