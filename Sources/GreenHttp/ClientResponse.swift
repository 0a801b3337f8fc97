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
    /// Fields behind a chunked body.
    private(set) var trailers: [UInt8] = []
    /// What was received of the body, unpacked, and not yet taken.
    var body = ByteBuffer(retainedCapacity: 0)
    /// The redirecting responses on the way here, the first one first.
    var history: [ClientResponse] = []
    var facts = TransferFacts()
    /// While more may come; and afterwards nil.
    var exchange: Exchange?
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
            method: method, url: url, status: status, head: lastHead, body: UnsafeRawBufferPointer(start: nil, count: 0))
        copy.facts = facts
        copy.history = history
        return copy
    }

    /// Somebody who had it no longer does: what is still to come is not wanted.
    func abandon() { exchange?.abort() }

    /// Takes a line of the head; false when the line ends it.
    func appendHead(_ line: UnsafeRawBufferPointer) {
        if Self.isStatusLine(line) {
            if head.isEmpty { head.reserve(512) }
            headStart = head.count
            headIsWhole = false
            status = Self.status(of: line)
        } else if headIsWhole {
            trailers.append(contentsOf: line)
            return
        }
        head.append(line)
        if line.count <= 2, line.first == 13 || line.first == 10 { headIsWhole = status >= 200 || status == 101 }
    }

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

    /// What the status line says behind the status; empty in HTTP/2.
    var reason: String {
        let line = lastHead.prefix { $0 != 13 && $0 != 10 }
        let parts = line.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(decoding: parts[2], as: UTF8.self) : ""
    }

    /// Calls `body` with name and value of each field of the last head, in order, the white space around them gone.
    func forEachField(_ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Void) {
        for line in lastHead.split(separator: 10).dropFirst() { Self.split(line, body) }
        for line in trailers.split(separator: 10) { Self.split(line, body) }
    }

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
