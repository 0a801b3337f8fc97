extension RequestParser {
    /// Reads the field line between `start` and `end`, its line end not included (RFC 9112 §5).
    @inline(__always)
    mutating func readField(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        guard head.fieldCount < limits.fieldCount else {
            throw RequestError(431, "header fields: too many; send fewer")
        }
        var nameEnd = start
        while nameEnd < end, ByteSet.token.contains(base.byte(nameEnd)) { nameEnd &+= 1 }
        guard nameEnd > start, nameEnd < end, base.byte(nameEnd) == ASCII.colon else {
            throw badName(base, start, nameEnd, end)
        }
        guard base.firstControl(from: nameEnd &+ 1, to: end) == end else {
            throw RequestError(400, "field value: control character; send visible characters, spaces and tabs")
        }
        var valueStart = nameEnd &+ 1
        while valueStart < end, isWhitespace(base.byte(valueStart)) { valueStart &+= 1 }
        var valueEnd = end
        while valueEnd > valueStart, isWhitespace(base.byte(valueEnd &- 1)) { valueEnd &-= 1 }
        if head.fieldCount == capacity { growStorage() }
        // A field count below the capacity means that there is storage.
        storage?[head.fieldCount] = HeaderField(
            name: ByteRange(from: start, to: nameEnd), value: ByteRange(from: valueStart, to: valueEnd))
        head.fieldCount &+= 1
        let name = base + start
        switch nameEnd &- start {
        case 4 where name.spellsIgnoringCase("host"): try noteHost(base, valueStart, valueEnd)
        case 6 where name.spellsIgnoringCase("expect"): try noteExpect(base, valueStart, valueEnd)
        case 7 where name.spellsIgnoringCase("upgrade"): notes.hasUpgrade = true
        case 10 where name.spellsIgnoringCase("connection"): noteConnection(base, valueStart, valueEnd)
        case 14: try noteContentLength(base, name, valueStart, valueEnd)
        case 17: try noteTransferEncoding(base, name, valueStart, valueEnd)
        default: break
        }
    }

    /// Doubles the field table, at most up to the field limit.
    @inline(never)
    private mutating func growStorage() {
        let wider = min(max(16, capacity * 2), max(16, limits.fieldCount))
        let table = UnsafeMutablePointer<HeaderField>.allocate(capacity: wider)
        if let storage {
            table.update(from: storage, count: head.fieldCount)
            storage.deallocate()
        }
        storage = table
        capacity = wider
    }

    /// The error for a line that does not begin with a name and a colon.
    @inline(never)
    private func badName(_ base: UnsafeRawPointer, _ start: Int, _ nameEnd: Int, _ end: Int) -> RequestError {
        if isWhitespace(base.byte(start)) {
            // RFC 9112 §5.2 and, before the first field, §2.2.
            return RequestError(400, "header line: begins with white space; send each field on one line")
        }
        if nameEnd < end, isWhitespace(base.byte(nameEnd)) {
            return RequestError(400, "field name: white space before the colon; send none")
        }
        return RequestError(400, "field name: expected a token and a colon")
    }

    /// RFC 9112 §3.2: one Host field with a valid value.
    private mutating func noteHost(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        guard !notes.hasHost else { throw RequestError(400, "host: more than one; send exactly one") }
        notes.hasHost = true
        guard end > start else { return }
        notes.hostName = try Authority(base, start, end).host
        notes.hostValue = ByteRange(from: start, to: end)
    }

    /// RFC 9110 §8.6: decimal digits, once. Signs, lists and leading zeros are ways to make readers disagree.
    private mutating func noteContentLength(
        _ base: UnsafeRawPointer, _ name: UnsafeRawPointer, _ start: Int, _ end: Int
    ) throws(RequestError) {
        guard try isFraming(name, "content-length") else { return }
        guard notes.contentLength < 0 else {
            throw RequestError(400, "content-length: more than one; send exactly one")
        }
        guard end > start else { throw RequestError(400, "content-length: empty; expected decimal digits") }
        guard end &- start == 1 || base.byte(start) != ASCII.zero else {
            throw RequestError(400, "content-length: leading zero; expected a plain decimal number")
        }
        var length = 0
        for index in start..<end {
            let digit = base.byte(index) &- ASCII.zero
            guard digit < 10 else { throw RequestError(400, "content-length: expected decimal digits only") }
            guard length < Int.max / 10 else { throw RequestError(400, "content-length: number too large") }
            length = length &* 10 &+ Int(digit)
        }
        notes.contentLength = length
    }

    /// RFC 9112 §6.1 and §7: exactly `chunked`, in HTTP/1.1.
    private mutating func noteTransferEncoding(
        _ base: UnsafeRawPointer, _ name: UnsafeRawPointer, _ start: Int, _ end: Int
    ) throws(RequestError) {
        guard try isFraming(name, "transfer-encoding") else { return }
        guard head.minorVersion > 0 else {
            throw RequestError(400, "transfer-encoding: not in HTTP/1.0; send a content-length")
        }
        guard !notes.isChunked else { throw RequestError(400, "transfer-encoding: more than one; send exactly one") }
        if end &- start == 7, (base + start).spellsIgnoringCase("chunked") {
            notes.isChunked = true
            return
        }
        throw refusedCoding(base, start, end)
    }

    /// Whether `name` is the framing field `expected`, of the same length.
    ///
    /// Refuses spellings with `_` for `-`: gateways that turn names into variables take them for the same field.
    @inline(__always)
    private func isFraming(_ name: UnsafeRawPointer, _ expected: StaticString) throws(RequestError) -> Bool {
        let letters = expected.utf8Start
        var underscore = false
        for index in 0..<expected.utf8CodeUnitCount {
            var byte = lowercased(name.byte(index))
            if byte == 0x5F {
                byte = 0x2D
                underscore = true
            }
            if byte != letters[index] { return false }
        }
        if underscore { throw RequestError(400, "field name: underscore in a framing field; send a hyphen") }
        return true
    }

    /// 501 for a list of codings we do not know (RFC 9112 §6.1), 400 for what is no list or has chunked in the wrong place.
    @inline(never)
    private func refusedCoding(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> RequestError {
        let malformed = RequestError(400, "transfer-encoding: expected chunked, alone")
        var index = start
        while true {
            while index < end, isWhitespace(base.byte(index)) { index &+= 1 }
            let first = index
            while index < end, ByteSet.token.contains(base.byte(index)) { index &+= 1 }
            guard index > first else { return malformed }
            let isChunked = index &- first == 7 && (base + first).spellsIgnoringCase("chunked")
            while index < end, isWhitespace(base.byte(index)) { index &+= 1 }
            if index == end { break }
            guard !isChunked, base.byte(index) == ASCII.comma else { return malformed }
            index &+= 1
        }
        return RequestError(501, "transfer-encoding: coding not supported; expected chunked")
    }
}
