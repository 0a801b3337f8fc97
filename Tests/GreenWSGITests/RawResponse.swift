/// One response of the server, as simply read as can be.
struct RawResponse {
    let status: Int
    /// Names in lower case, in order.
    let fields: [(name: String, value: String)]
    let body: String
    /// How many of the bytes it took.
    let byteCount: Int
    /// Whether the body was chunked, and how.
    let chunks: [String]?

    /// nil while bytes are missing.
    init?(_ bytes: [UInt8], to method: String, isAtEnd: Bool) {
        guard let end = Self.find("\r\n\r\n", in: bytes[...]) else { return nil }
        let lines = text(Array(bytes[..<end])).components("\r\n")
        let words = lines[0].components(" ")
        guard words.count >= 2, let status = Int(words[1]) else { return nil }
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            let parts = line.components(": ")
            fields.append((parts[0].lowercased(), parts.dropFirst().joined(separator: ": ")))
        }
        self.status = status
        self.fields = fields
        let start = end + 4
        func value(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        if method == "HEAD" || status == 204 || status == 304 || status < 200 {
            (body, byteCount, chunks) = ("", start, nil)
        } else if value("transfer-encoding") == "chunked" {
            guard let (pieces, end) = Self.chunks(bytes, start) else { return nil }
            (body, byteCount, chunks) = (pieces.joined(), end, pieces)
        } else if let length = value("content-length").flatMap({ Int($0) }) {
            guard bytes.count >= start + length else { return nil }
            (body, byteCount, chunks) = (text(Array(bytes[start..<start + length])), start + length, nil)
        } else {
            guard isAtEnd else { return nil }
            (body, byteCount, chunks) = (text(Array(bytes[start...])), bytes.count, nil)
        }
    }

    private static func chunks(_ bytes: [UInt8], _ start: Int) -> ([String], Int)? {
        var pieces: [String] = []
        var at = start
        while let line = find("\r\n", in: bytes[at...]), let size = Int(text(Array(bytes[at..<line])), radix: 16) {
            guard bytes.count >= line + 2 + size + 2 else { return nil }
            if size == 0 { return (pieces, line + 4) }
            pieces.append(text(Array(bytes[line + 2..<line + 2 + size])))
            at = line + 2 + size + 2
        }
        return nil
    }

    private static func find(_ pattern: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let pattern = Array(pattern.utf8)
        guard bytes.count >= pattern.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - pattern.count)).first { bytes[$0...].starts(with: pattern) }
    }

    /// The value of a field; several joined by " | ".
    subscript(_ name: String) -> String? {
        let values = fields.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: " | ")
    }

    var closes: Bool { self["connection"] == "close" }
}

extension String {
    func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
