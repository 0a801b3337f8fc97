import HTTPWire

/// The body of a request.
enum Upload {
    case none
    case bytes([UInt8])
    case parts([Multipart.Part])
    case stream(UploadStream)

    var isNone: Bool {
        if case .none = self { return true }
        return false
    }

    var isStream: Bool {
        if case .stream = self { return true }
        return false
    }

    /// How many bytes, where that is known.
    var count: Int? {
        switch self {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .parts: nil
        case .stream(let stream): stream.length
        }
    }
}

/// A body that is given piece by piece while it is sent. Loop thread only.
final class UploadStream {
    /// What was given and not yet sent.
    private(set) var buffer = ByteBuffer()
    /// How many bytes were given.
    private var given = 0
    /// All of it was given.
    private(set) var hasEnded = false
    /// libcurl asked for more when there was none.
    var isPaused = false
    /// Something was sent: it cannot be sent again.
    var hasBegun = false
    /// How many bytes it will be; nil: chunked transfer coding (RFC 9112 §7.1).
    let length: Int?

    init(length: Int? = nil) { self.length = length }

    /// Fewer bytes than this waiting: the giver is asked for more.
    static let lowWater = 65_536

    /// Takes what was given; nil is the end. What is wrong with it: a body must be as long as was said.
    func give(_ bytes: UnsafeRawBufferPointer?) -> String? {
        guard let bytes else {
            hasEnded = true
            guard let length, given < length else { return nil }
            return "the body function ended after \(given) bytes, and Content-Length is \(length)"
        }
        given += bytes.count
        if let length, given > length {
            return "the body function gave more than the \(length) bytes that Content-Length says"
        }
        buffer.append(bytes)
        return nil
    }

    /// Moves up to the room's size; how many bytes, nil to wait for more.
    func take(into room: UnsafeMutableRawBufferPointer) -> Int? {
        hasBegun = true
        if buffer.isEmpty {
            isPaused = !hasEnded
            return hasEnded ? 0 : nil
        }
        let count = min(room.count, buffer.count)
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer.readableBytes[..<count]))
        buffer.consume(count)
        return count
    }
}
