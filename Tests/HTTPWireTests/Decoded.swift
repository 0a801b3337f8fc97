import HTTPWire

/// The outcome of decoding one chunked body.
struct Decoded: Equatable {
    enum End: Equatable {
        case needsMore
        case finished
        case failed(RequestError)
    }

    var body: [UInt8] = []
    var consumed = 0
    var end = End.needsMore
    /// Whether the decoder ever claimed more bytes than it was given, or a range outside them.
    var overran = false

    /// Gives `bytes` to a fresh decoder in pieces that end at `splits`, then the rest.
    init(_ bytes: [UInt8], limits: RequestLimits = RequestLimits(), splits: [Int] = []) {
        var decoder = ChunkedDecoder(limits: limits)
        bytes.withUnsafeBytes { raw in
            for split in splits + [bytes.count] where end == .needsMore {
                feed(&decoder, UnsafeRawBufferPointer(rebasing: raw[min(consumed, split)..<split]))
            }
        }
    }

    init(_ text: String, limits: RequestLimits = RequestLimits()) {
        self.init(Array(text.utf8), limits: limits)
    }

    private mutating func feed(_ decoder: inout ChunkedDecoder, _ piece: UnsafeRawBufferPointer) {
        var offset = 0
        while true {
            let rest = UnsafeRawBufferPointer(rebasing: piece[offset...])
            switch decoder.next(rest) {
            case .data(let range, let used):
                overran = overran || used > rest.count || Int(range.start) + Int(range.count) > used || range.isEmpty
                body.append(contentsOf: range.slice(of: rest))
                offset += used
                consumed += used
            case .needsMore(let used):
                overran = overran || used != rest.count
                consumed += used
                return
            case .finished(let used):
                overran = overran || used > rest.count
                consumed += used
                end = .finished
                return
            case .failed(let error):
                end = .failed(error)
                return
            }
        }
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The status of the refusal, or nil if the body was not refused.
    var refused: Int? {
        if case .failed(let error) = end { return error.status }
        return nil
    }
}
