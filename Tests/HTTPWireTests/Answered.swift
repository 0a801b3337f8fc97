import HTTPWire

/// The outcome of parsing one response head, copied out so that tests can compare it.
struct Answered: Equatable {
    var progress: ResponseProgress
    var head: ResponseHead
    var fields: [HeaderField]
    private var bytes: [UInt8]

    /// Gives `bytes` to a fresh parser: first the prefixes that end at `splits`, then everything.
    init(_ bytes: [UInt8], to method: Method = .get, limits: ResponseLimits = ResponseLimits(), splits: [Int] = []) {
        var parser = ResponseHeadParser(answering: method, limits: limits)
        var progress = ResponseProgress.needsMore
        bytes.withUnsafeBytes { raw in
            for split in splits where progress == .needsMore {
                progress = parser.parse(UnsafeRawBufferPointer(rebasing: raw[..<split]))
            }
            if progress == .needsMore { progress = parser.parse(raw) }
        }
        self.bytes = bytes
        self.progress = progress
        head = progress == .complete ? parser.head : ResponseHead()
        fields = progress == .complete ? Array(parser.fields) : []
    }

    init(_ text: String, to method: Method = .get, limits: ResponseLimits = ResponseLimits()) {
        self.init(Array(text.utf8), to: method, limits: limits)
    }

    var isComplete: Bool { progress == .complete }

    /// The kind of the refusal, or nil if the bytes were not refused.
    var refused: ResponseError.Kind? {
        if case .failed(let error) = progress { return error.kind }
        return nil
    }

    func text(_ range: ByteRange) -> String {
        bytes.withUnsafeBytes { String(decoding: range.slice(of: $0), as: UTF8.self) }
    }

    /// Every field as `name=value`.
    var fieldTexts: [String] { fields.map { "\(text($0.name))=\(text($0.value))" } }
}

/// The answer `status` to a request by `method` with these lines.
func answer(
    _ status: String = "200 OK", to method: Method = .get, version: String = "1.1", _ lines: String...
) -> Answered {
    Answered("HTTP/\(version) \(status)\r\n" + lines.map { $0 + "\r\n" }.joined() + "\r\n", to: method)
}
