import HTTPWire

/// The outcome of parsing one head, copied out so that tests can compare it.
struct Parsed: Equatable {
    var progress: ParseProgress
    var head: RequestHead
    var fields: [HeaderField]
    private var bytes: [UInt8]

    /// Gives `bytes` to a fresh parser: first the prefixes that end at `splits`, then everything.
    init(_ bytes: [UInt8], limits: RequestLimits = RequestLimits(), splits: [Int] = []) {
        var parser = RequestParser(limits: limits)
        var progress = ParseProgress.needsMore
        bytes.withUnsafeBytes { raw in
            for split in splits where progress == .needsMore {
                progress = parser.parse(UnsafeRawBufferPointer(rebasing: raw[..<split]))
            }
            if progress == .needsMore { progress = parser.parse(raw) }
        }
        self.bytes = bytes
        self.progress = progress
        head = progress == .complete ? parser.head : RequestHead()
        fields = progress == .complete ? Array(parser.fields) : []
    }

    init(_ text: String, limits: RequestLimits = RequestLimits()) {
        self.init(Array(text.utf8), limits: limits)
    }

    var isComplete: Bool { progress == .complete }

    /// The status of the refusal, or nil if the bytes were not refused.
    var refused: Int? {
        if case .failed(let error) = progress { return error.status }
        return nil
    }

    func text(_ range: ByteRange) -> String {
        bytes.withUnsafeBytes { String(decoding: range.slice(of: $0), as: UTF8.self) }
    }

    /// Every field as `name=value`.
    var fieldTexts: [String] { fields.map { "\(text($0.name))=\(text($0.value))" } }
}

/// A GET with these lines between the Host field and the empty line.
func get(_ lines: String...) -> Parsed {
    Parsed("GET / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")
}

/// A POST with these lines between the Host field and the empty line.
func post(_ lines: String...) -> Parsed {
    Parsed("POST / HTTP/1.1\r\nHost: a\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n")
}

/// A request with this target, by `method`.
func target(_ target: String, method: String = "GET") -> Parsed {
    Parsed("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
}
