import HTTPWire

/// What came back: the head as raw bytes, read when asked for, and the body, or what there is of it.
///
/// Loop thread only.
final class ClientResponse {
    /// How the request was made that this answers.
    let method: String
    /// Its URL, without user and password.
    let url: String
    var status = 0
    /// All head lines as they came, those of interim responses included.
    private(set) var head = ByteBuffer(retainedCapacity: 0)
    /// Where the last head begins.
    private var headStart = 0
    /// The last head is whole.
    private(set) var headIsWhole = false
    private var isInHead = false
    /// What its Content-Length says; nil without one, or when it does not count.
    private(set) var contentLength: Int?
    /// What makes it unclear where the body ends; nil when nothing does.
    private(set) var framingFault: String?
    private var hasTransferCoding = false
    /// Fields behind a chunked body.
    private(set) var trailers: [UInt8] = []
    /// What was received of the body, unpacked, and not yet taken.
    var body = ByteBuffer(retainedCapacity: 0)
    /// The redirecting responses on the way here, the first one first.
    var history: [ClientResponse] = []
    var facts = TransferFacts()
    /// While more may come; and afterwards nil.
    var exchange: Exchange?
    /// libcurl undoes the content coding of its body.
    var isUnpacked = false
    /// Why the body ended early.
    var failure: HTTPClientError?

    init(method: String, url: String) {
        self.method = method
        self.url = url
    }

    /// One that was made without a network.
    init(method: String, url: String, status: Int, head: [UInt8], body bytes: UnsafeRawBufferPointer) {
        self.method = method
        self.url = url
        self.status = status
        head.withUnsafeBytes { self.head.append($0) }
        headIsWhole = true
        body.append(bytes)
    }

    /// The same without what was received of the body.
    var withoutBody: ClientResponse {
        let copy = ClientResponse(
            method: method, url: url, status: status, head: lastHead, body: UnsafeRawBufferPointer(start: nil, count: 0)
        )
        copy.facts = facts
        copy.history = history
        return copy
    }

    /// Somebody who had it no longer does: what is still to come is not wanted.
    func abandon() { exchange?.abort() }

    /// Takes a line of a head: of an interim response, of one that is not the last, of the last.
    func appendHead(_ line: UnsafeRawBufferPointer) {
        if !isInHead {
            if headIsWhole, !Self.isStatusLine(line) { return appendTrailer(line) }
            if head.isEmpty { head.reserve(512) }
            isInHead = true
            headStart = head.count
            headIsWhole = false
            status = Self.status(of: line)
            contentLength = nil
            framingFault = nil
            hasTransferCoding = false
        } else if line.count <= 2, line.first == 13 || line.first == 10 {
            isInHead = false
            headIsWhole = status >= 200 || status == 101
            // Chunks tell where the body ends (RFC 9112 §6.3).
            if hasTransferCoding {
                framingFault = nil
                contentLength = nil
            }
        } else {
            noteFraming(line)
        }
        head.append(line)
    }

    /// Takes a line behind a body.
    func appendTrailer(_ line: UnsafeRawBufferPointer) { trailers.append(contentsOf: line) }

    private func noteFraming(_ line: UnsafeRawBufferPointer) {
        if Self.has(line, "content-length:") {
            let value = line.dropFirst(15).drop { $0 == 32 || $0 == 9 }.prefix { $0 > 32 }
            guard let length = Int(String(decoding: value, as: UTF8.self)), length >= 0 else { return }
            if let other = contentLength, other != length {
                framingFault = "two different lengths, Content-Length \(other) and \(length)"
            }
            contentLength = length
        } else if Self.has(line, "transfer-encoding:") {
            hasTransferCoding = true
        }
    }

    /// - Parameter name: In small letters, with the colon.
    private static func has(_ line: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        guard line.count > count, line[0] | 0x20 == name.utf8Start[0], line[count - 1] == 58 else { return false }
        for index in 1..<(count - 1) where line[index] | 0x20 != name.utf8Start[index] | 0x20 { return false }
        return true
    }

    /// The last head says that it came over HTTP/2, which any server can say.
    var saysHTTP2: Bool {
        let line = head.readableBytes[headStart...]
        return line.count > 6 && line[headStart + 5] == UInt8(ascii: "2") && line[headStart + 6] == 32
    }

    /// The length that the head tells is that of a body to come (RFC 9110 §8.6).
    var mayHaveBody: Bool { method != "HEAD" && status != 204 && status != 304 }

    private static func isStatusLine(_ line: UnsafeRawBufferPointer) -> Bool {
        line.count >= 12 && line[0] == 72 && line[1] == 84 && line[2] == 84 && line[3] == 80 && line[4] == 47
    }

    /// The three digits behind the first space (RFC 9112 §4).
    private static func status(of line: UnsafeRawBufferPointer) -> Int {
        var index = 5
        while index + 4 < line.count, line[index] != 32 { index += 1 }
        guard index + 3 < line.count else { return 0 }
        return line[(index + 1)...(index + 3)].reduce(0) { $0 * 10 + Int($1 &- 48) }
    }

    // MARK: Fields

    private var lastHead: [UInt8] { Array(head.readableBytes[headStart...]) }

    /// What the status line says behind the status, made visible; empty in HTTP/2.
    var reason: String {
        let line = lastHead.prefix { $0 != 13 && $0 != 10 }
        let parts = line.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? VisibleText.of(String(decoding: parts[2], as: UTF8.self)) : ""
    }

    /// Calls `body` with name and value of each field of the last head, in order, the white space around them gone.
    func forEachField(_ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Void) {
        Self.forEachField(of: lastHead.drop { $0 != 10 }, body)
        Self.forEachField(of: trailers[...], body)
    }

    private static func forEachField(
        of lines: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Void
    ) {
        for line in unfolded(lines).split(separator: 10) { split(line, body) }
    }

    /// The lines with those that were folded, as it was done once, made one with the line before (RFC 9112 §5.2).
    private static func unfolded(_ lines: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        lines.withUnsafeBytes { lines in
            guard zip(lines, lines.dropFirst()).contains(where: { $0 == 10 && isBlank($1) }) else { return nil }
            var text: [UInt8] = []
            text.reserveCapacity(lines.count)
            var last: UInt8 = 10
            var isFolding = false
            for byte in lines {
                if isBlank(byte), last == 10 {
                    while text.last == 13 || text.last == 10 { text.removeLast() }
                    text.append(32)
                    isFolding = true
                } else if !isFolding || !isBlank(byte) {
                    text.append(byte)
                    isFolding = false
                }
                last = byte
            }
            return text[...]
        } ?? lines
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    private static func split(_ line: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Void) {
        guard let colon = line.firstIndex(of: 58) else { return }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 32 || first == 9 { value = value.dropFirst() }
        while let last = value.last, last == 32 || last == 9 || last == 13 { value = value.dropLast() }
        body(line[..<colon], value)
    }

    /// The value of the first field of a name, in whatever case; nil without one.
    func firstValue(of name: String) -> String? {
        var found: String?
        forEachField { fieldName, value in
            guard found == nil, fieldName.count == name.utf8.count,
                HeaderList.isSame(String(decoding: fieldName, as: UTF8.self), name)
            else { return }
            found = String(decoding: value, as: UTF8.self)
        }
        return found
    }
}

/// What libcurl measured of a transfer (ccurl_easy_getinfo(3)).
struct TransferFacts {
    /// "1.0", "1.1", "2".
    var version = ""
    /// The connection had served before.
    var isReused = false
    /// The address that was asked.
    var address = ""
    /// Seconds from the start until each was done: name, connection, TLS handshake, first byte, all.
    var resolved = 0.0
    var connected = 0.0
    var secured = 0.0
    var firstByte = 0.0
    var total = 0.0
}
