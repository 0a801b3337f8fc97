extension RequestParser {
    /// Reads the field line between `start` and `end`, its line end not included (RFC 9112 §5).
    @inline(__always)
    mutating func readField(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        guard head.fieldCount < limits.fieldCount else {
            throw RequestError(431, "header fields: too many; send fewer")
        }
        let line: FieldLine
        do throws(FieldFault) {
            line = try FieldLine(base, start, end)
        } catch {
            throw RequestError(400, error.message)
        }
        let (nameEnd, valueStart, valueEnd) = (line.nameEnd, line.valueStart, line.valueEnd)
        table.append(
            HeaderField(name: ByteRange(from: start, to: nameEnd), value: ByteRange(from: valueStart, to: valueEnd)),
            at: head.fieldCount, limit: limits.fieldCount)
        head.fieldCount &+= 1
        let name = base + start
        switch nameEnd &- start {
        case 4 where name.spellsIgnoringCase("host"): try noteHost(base, valueStart, valueEnd)
        case 6 where name.spellsIgnoringCase("expect"): try noteExpect(base, valueStart, valueEnd)
        case 7 where name.spellsIgnoringCase("upgrade"): notes.hasUpgrade = true
        case 10 where name.spellsIgnoringCase("connection"): notes.readConnection(base, valueStart, valueEnd)
        case 14: try noteContentLength(base, name, valueStart, valueEnd)
        case 17: try noteTransferEncoding(base, name, valueStart, valueEnd)
        default: break
        }
    }

    /// RFC 9112 §3.2: one Host field with a valid value.
    private mutating func noteHost(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(RequestError) {
        guard !notes.hasHost else { throw RequestError(400, "host: more than one; send exactly one") }
        notes.hasHost = true
        guard end > start else { return }
        notes.hostName = try Authority(base, start, end).host
        notes.hostValue = ByteRange(from: start, to: end)
    }

    /// RFC 9110 §8.6: one number. Kept out of ``readField(_:_:_:)``, which most lines leave without coming here.
    @inline(never)
    private mutating func noteContentLength(
        _ base: UnsafeRawPointer, _ name: UnsafeRawPointer, _ start: Int, _ end: Int
    ) throws(RequestError) {
        do throws(FieldFault) {
            guard try FramingField.matches(name, "content-length") else { return }
            guard notes.contentLength < 0 else {
                throw FieldFault("content-length: more than one; send exactly one")
            }
            notes.contentLength = try FramingField.contentLength(base, start, end)
        } catch {
            throw RequestError(400, error.message)
        }
    }

    /// RFC 9112 §6.1 and §7: exactly `chunked`, in HTTP/1.1.
    private mutating func noteTransferEncoding(
        _ base: UnsafeRawPointer, _ name: UnsafeRawPointer, _ start: Int, _ end: Int
    ) throws(RequestError) {
        do throws(FieldFault) {
            guard try FramingField.matches(name, "transfer-encoding") else { return }
        } catch {
            throw RequestError(400, error.message)
        }
        guard head.minorVersion > 0 else {
            throw RequestError(400, "transfer-encoding: not in HTTP/1.0; send a content-length")
        }
        guard !notes.isChunked else { throw RequestError(400, "transfer-encoding: more than one; send exactly one") }
        switch FramingField.coding(base, start, end) {
        case .chunked: notes.isChunked = true
        // RFC 9112 §6.1: 501 for codings that are not understood.
        case .unsupported:
            throw RequestError(501, "transfer-encoding: coding not supported; expected chunked")
        case .malformed: throw RequestError(400, "transfer-encoding: expected chunked, alone")
        }
    }
}
