extension ChunkedDecoder {
    /// A byte of `*( BWS ";" BWS name [ BWS "=" BWS value ] )` (RFC 9112 §7.1.1).
    ///
    /// Extensions are ignored, but not unread: a line feed or a lone carriage return hidden in one is
    /// where readers have been made to disagree.
    mutating func readExtension(_ byte: UInt8) throws(RequestError) {
        try countLineByte()
        extensionBytes &+= 1
        guard extensionBytes <= extensionLimit else {
            throw RequestError(400, "chunk extension: too many bytes in all; send none")
        }
        switch state {
        case .extensionStart:
            if ByteSet.token.contains(byte) { state = .extensionName } else { try requireWhitespace(byte) }
        case .extensionName:
            if ByteSet.token.contains(byte) { return }
            if isWhitespace(byte) { state = .spaceAfterName } else { try readBehindName(byte, lineMayEnd: true) }
        case .spaceAfterName:
            if isWhitespace(byte) { return }
            try readBehindName(byte, lineMayEnd: false)
        case .valueStart:
            if ByteSet.token.contains(byte) {
                state = .tokenValue
            } else if byte == ASCII.quote {
                state = .quotedValue
            } else {
                try requireWhitespace(byte)
            }
        case .tokenValue:
            if ByteSet.token.contains(byte) { return }
            try readBehindValue(byte)
        case .quotedValue:
            guard !isControl(byte) else { throw malformedExtension }
            if byte == ASCII.quote { state = .valueEnd } else if byte == ASCII.backslash { state = .quotedPair }
        case .quotedPair:
            guard !isControl(byte) else { throw malformedExtension }
            state = .quotedValue
        default:
            try readBehindValue(byte)
        }
    }

    private var malformedExtension: RequestError {
        RequestError(400, "chunk extension: expected ;name or ;name=value")
    }

    private mutating func requireWhitespace(_ byte: UInt8) throws(RequestError) {
        guard isWhitespace(byte) else { throw malformedExtension }
    }

    private mutating func readBehindName(_ byte: UInt8, lineMayEnd: Bool) throws(RequestError) {
        switch byte {
        case ASCII.equals: state = .valueStart
        case ASCII.semicolon: state = .extensionStart
        case ASCII.carriageReturn where lineMayEnd: state = .lineEnd
        default: throw malformedExtension
        }
    }

    /// White space behind a value is only right in front of another extension, like behind the size.
    private mutating func readBehindValue(_ byte: UInt8) throws(RequestError) {
        switch byte {
        case ASCII.semicolon: state = .extensionStart
        case ASCII.carriageReturn: state = .lineEnd
        case ASCII.space, ASCII.tab: state = .spaceAfterSize
        default: throw malformedExtension
        }
    }
}
