extension ResponseHeadParser {
    /// Reads `version SP status [SP reason]` between offset 0 and `end` (RFC 9112 §4).
    mutating func readStatusLine(_ base: UnsafeRawPointer, _ end: Int) throws(ResponseError) {
        guard end >= 12, base.byte(6) == 0x2E, base.byte(8) == ASCII.space, end == 12 || base.byte(12) == ASCII.space
        else { throw ResponseError(.malformed, "status line: expected a version, three digits and a reason") }
        let major = base.byte(5) &- ASCII.zero
        let minor = base.byte(7) &- ASCII.zero
        guard major < 10, minor < 10 else {
            throw ResponseError(.malformed, "version: expected HTTP/1.0 or HTTP/1.1")
        }
        guard major == 1 else {
            throw ResponseError(.unsupported, "version: not supported; expected HTTP/1.0 or HTTP/1.1")
        }
        head.minorVersion = min(minor, 1)
        var status = 0
        for index in 9..<12 {
            let digit = base.byte(index) &- ASCII.zero
            guard digit < 10 else { throw ResponseError(.malformed, "status: expected three digits") }
            status = status * 10 + Int(digit)
        }
        guard status >= 100 else { throw ResponseError(.malformed, "status: below 100; expected 100 to 599") }
        head.status = status
        guard end > 12 else { return }
        guard base.firstControl(from: 13, to: end) == end else {
            throw ResponseError(.malformed, "reason phrase: control character; expected visible characters")
        }
        head.reason = ByteRange(from: 13, to: end)
    }
}
