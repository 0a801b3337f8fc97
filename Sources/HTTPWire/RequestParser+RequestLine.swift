extension RequestParser {
    /// Reads `method SP target SP version` between `start` and `end` (RFC 9112 §3).
    ///
    /// Exactly one space each, as the grammar says: the lenient reading of RFC 9112 §3 is a known way
    /// to make two readers disagree.
    @inline(__always)
    mutating func readRequestLine(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        var methodEnd = start
        while methodEnd < end, ByteSet.token.contains(base.byte(methodEnd)) { methodEnd &+= 1 }
        guard methodEnd < end, methodEnd > start, base.byte(methodEnd) == ASCII.space else {
            throw RequestError(400, "method: expected a token and one space")
        }
        let versionStart = end &- 8
        guard versionStart > methodEnd &+ 1, base.byte(versionStart &- 1) == ASCII.space else {
            throw RequestError(400, "request line: expected a method, a target and a version, one space between them")
        }
        head.minorVersion = try minorVersion(base, versionStart)
        head.methodName = ByteRange(from: start, to: methodEnd)
        head.method = Method(base + start, count: methodEnd &- start)
        head.target = ByteRange(from: methodEnd &+ 1, to: versionStart &- 1)
        try readTarget(base, methodEnd &+ 1, versionStart &- 1)
    }

    /// The minor version of the eight bytes at `start` (RFC 9112 §2.3), 1 for every later HTTP/1.x (RFC 9110 §2.5).
    @inline(__always)
    private func minorVersion(_ base: UnsafeRawPointer, _ start: Int) throws(RequestError) -> UInt8 {
        // "HTTP/1.1" and "HTTP/1.0" as little-endian words: nearly every request has one of them.
        let word = UInt64(littleEndian: base.word(start))
        if word == 0x312E_312F_5054_5448 { return 1 }
        if word == 0x302E_312F_5054_5448 { return 0 }
        let major = base.byte(start &+ 5) &- ASCII.zero
        let minor = base.byte(start &+ 7) &- ASCII.zero
        guard (base + start).spells("HTTP/"), major < 10, base.byte(start &+ 6) == 0x2E, minor < 10 else {
            throw RequestError(400, "version: expected HTTP/1.0 or HTTP/1.1")
        }
        guard major == 1 else { throw RequestError(505, "version: not supported; expected HTTP/1.0 or HTTP/1.1") }
        return 1
    }

    /// Reads the target between `start` and `end` in the form that its method asks for (RFC 9112 §3.2).
    @inline(__always)
    private mutating func readTarget(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        if head.method == .connect {
            head.targetForm = .authority
            let authority = try Authority(base, start, end)
            guard authority.hasPort else { throw RequestError(400, "request target: CONNECT expects host:port") }
            head.authority = ByteRange(from: start, to: end)
            head.host = authority.host
            return
        }
        if base.byte(start) == ASCII.slash {
            head.targetForm = .origin
            return try readPathAndQuery(base, start, end)
        }
        if end &- start == 1, base.byte(start) == ASCII.asterisk {
            guard head.method == .options else {
                throw RequestError(400, "request target: '*' is only for OPTIONS; expected a path")
            }
            head.targetForm = .asterisk
            head.path = head.target
            return
        }
        try readAbsolute(base, start, end)
    }

    /// Reads `http://authority/path?query` (RFC 9112 §3.2.2, RFC 9110 §4.2).
    @inline(never)
    private mutating func readAbsolute(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        var index: Int
        if end &- start > 7, (base + start).spellsIgnoringCase("http://") {
            index = start &+ 7
        } else if end &- start > 8, (base + start).spellsIgnoringCase("https://") {
            index = start &+ 8
        } else {
            throw RequestError(400, "request target: expected a path or an http URI")
        }
        let authorityStart = index
        while index < end, base.byte(index) != ASCII.slash, base.byte(index) != ASCII.questionMark { index &+= 1 }
        let authority = try Authority(base, authorityStart, index)
        head.targetForm = .absolute
        head.authority = ByteRange(from: authorityStart, to: index)
        head.host = authority.host
        try readPathAndQuery(base, index, end)
    }

    /// Checks path and query between `start` and `end` and notes where they are (RFC 3986 §3.3, §3.4).
    @inline(__always)
    private mutating func readPathAndQuery(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        var index = start
        while index < end {
            let byte = base.byte(index)
            if ByteSet.path.contains(byte) {
                index &+= 1
            } else if byte == ASCII.percent {
                guard index &+ 2 < end, ByteSet.hexDigit.contains(base.byte(index &+ 1)),
                    ByteSet.hexDigit.contains(base.byte(index &+ 2))
                else { throw RequestError(400, "path: '%' without two hexadecimal digits") }
                index &+= 3
            } else {
                break
            }
        }
        head.path = ByteRange(from: start, to: index)
        if index == end { return }
        guard base.byte(index) == ASCII.questionMark else {
            throw RequestError(400, "path: character that must be percent-encoded")
        }
        let queryStart = index &+ 1
        index = queryStart
        while index < end, ByteSet.query.contains(base.byte(index)) { index &+= 1 }
        guard index == end else { throw RequestError(400, "query: character that must be percent-encoded") }
        head.hasQuery = true
        head.query = ByteRange(from: queryStart, to: end)
    }
}
