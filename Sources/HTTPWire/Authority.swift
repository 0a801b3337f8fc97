/// A checked `host [ ":" port ]` (RFC 9110 §7.2, RFC 3986 §3.2.2), without user information.
///
/// An IPv6 literal is checked for its characters, not for being a valid address.
struct Authority {
    /// The host, with its brackets if it has some; never empty.
    let host: ByteRange
    /// Whether a colon and at least one digit follow the host.
    let hasPort: Bool

    /// Reads the bytes in `start..<end`. Throws 400 when they are no authority or the host is empty.
    init(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        var index = start
        if index < end, base.byte(index) == ASCII.openBracket {
            index = try Authority.literalEnd(base, start, end)
        } else {
            while index < end {
                let byte = base.byte(index)
                if ByteSet.registeredName.contains(byte) {
                    index &+= 1
                } else if byte == ASCII.percent, index &+ 2 < end, ByteSet.hexDigit.contains(base.byte(index &+ 1)),
                    ByteSet.hexDigit.contains(base.byte(index &+ 2))
                {
                    index &+= 3
                } else {
                    break
                }
            }
        }
        guard index > start else { throw RequestError(400, "host: empty; expected a name or an address") }
        host = ByteRange(from: start, to: index)
        if index == end {
            hasPort = false
            return
        }
        guard base.byte(index) == ASCII.colon else {
            throw RequestError(400, "host: character that no host can have; expected host or host:port")
        }
        var port: UInt32 = 0
        for offset in (index &+ 1)..<end {
            let digit = base.byte(offset) &- ASCII.zero
            guard digit < 10 else { throw RequestError(400, "port: expected decimal digits") }
            port = port &* 10 &+ UInt32(digit)
            guard port <= 65_535 else { throw RequestError(400, "port: expected a number up to 65535") }
        }
        hasPort = index &+ 1 < end
    }

    /// Offset behind the closing bracket of the IP literal at `start`.
    private static func literalEnd(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) -> Int {
        var index = start &+ 1
        let future = index < end && lowercased(base.byte(index)) == 0x76  // "v": IPvFuture
        if future { index &+= 1 }
        let first = index
        while index < end, base.byte(index) != ASCII.closeBracket {
            let byte = base.byte(index)
            let allowed =
                future
                ? ByteSet.registeredName.contains(byte) || byte == ASCII.colon
                : ByteSet.addressLiteral.contains(byte)
            guard allowed else { throw RequestError(400, "host: character that no address literal can have") }
            index &+= 1
        }
        guard index < end, index &- first >= 2 else {
            throw RequestError(400, "host: address literal without its address or closing bracket")
        }
        return index &+ 1
    }
}
