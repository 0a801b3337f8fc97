extension ChunkedDecoder {
    /// A byte of the trailer section (RFC 9112 §7.1.2), held to the same rules as header lines.
    mutating func readTrailer(_ byte: UInt8) throws(RequestError) {
        trailerBytes &+= 1
        guard trailerBytes <= trailerBytesLimit else {
            throw RequestError(431, "trailer fields: section too long; send fewer or shorter fields")
        }
        switch state {
        case .trailerStart:
            if byte == ASCII.carriageReturn {
                state = .lastLineFeed
                return
            }
            guard ByteSet.token.contains(byte) else { throw malformedName }
            trailerCount &+= 1
            guard trailerCount <= trailerCountLimit else {
                throw RequestError(431, "trailer fields: too many; send fewer")
            }
            trailerName = ForbiddenTrailer()
            trailerName.append(byte)
            state = .trailerName
        case .trailerName:
            if ByteSet.token.contains(byte) {
                trailerName.append(byte)
                return
            }
            guard byte == ASCII.colon else { throw malformedName }
            guard !trailerName.isForbidden else {
                throw RequestError(400, "trailer field: framing and host belong in the header")
            }
            state = .trailerValue
        case .trailerValue:
            if byte == ASCII.carriageReturn {
                state = .trailerLineEnd
            } else if isControl(byte) {
                throw RequestError(400, "trailer value: control character; send visible characters, spaces and tabs")
            }
        default:
            guard byte == ASCII.lineFeed else {
                throw RequestError(400, "trailer value: carriage return without line feed")
            }
            state = .trailerStart
        }
    }

    private var malformedName: RequestError { RequestError(400, "trailer name: expected a token and a colon") }
}

/// Follows a trailer's name byte by byte and knows whether it is one that RFC 9110 §6.5.1 keeps out of trailers
/// because a reader that believed it would frame or route the message differently.
struct ForbiddenTrailer: Sendable {
    private var length = 0
    /// Which of the names still match: bit 0 content-length, bit 1 transfer-encoding, bit 2 host.
    private var candidates: UInt8 = 0b111

    @inline(__always)
    private func keep(_ byte: UInt8, _ name: StaticString, _ bit: UInt8) -> UInt8 {
        length < name.utf8CodeUnitCount && name.utf8Start[length] == byte ? bit : 0
    }

    mutating func append(_ byte: UInt8) {
        guard candidates != 0 else { return }
        let small = lowercased(byte)
        candidates &=
            keep(small, "content-length", 0b001) | keep(small, "transfer-encoding", 0b010) | keep(small, "host", 0b100)
        length &+= 1
    }

    /// Whether the name so far is one of the forbidden ones.
    var isForbidden: Bool {
        (candidates & 0b001 != 0 && length == 14) || (candidates & 0b010 != 0 && length == 17)
            || (candidates & 0b100 != 0 && length == 4)
    }
}
