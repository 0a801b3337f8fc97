extension ResponseHeadParser {
    /// Reads the field line between `start` and `end`, its line end not included (RFC 9112 §5).
    mutating func readField(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) throws(ResponseError) {
        guard head.fieldCount < limits.fieldCount else {
            throw ResponseError(.tooLarge, "header fields: too many; expected fewer")
        }
        do throws(FieldFault) {
            let line = try FieldLine(base, start, end)
            table.append(
                HeaderField(
                    name: ByteRange(from: start, to: line.nameEnd),
                    value: ByteRange(from: line.valueStart, to: line.valueEnd)),
                at: head.fieldCount, limit: limits.fieldCount)
            head.fieldCount &+= 1
            try note(base, start, line)
        } catch {
            throw ResponseError(.malformed, error.message)
        }
    }

    /// Takes down what the line says about the message.
    private mutating func note(_ base: UnsafeRawPointer, _ start: Int, _ line: FieldLine) throws(FieldFault) {
        let name = base + start
        switch line.nameEnd &- start {
        case 7 where name.spellsIgnoringCase("upgrade"): notes.hasUpgrade = true
        case 10 where name.spellsIgnoringCase("connection"):
            notes.readConnection(base, line.valueStart, line.valueEnd)
        case 14:
            guard try FramingField.matches(name, "content-length") else { return }
            guard notes.contentLength < 0 else { throw FieldFault("content-length: more than one; expected one") }
            notes.contentLength = try FramingField.contentLength(base, line.valueStart, line.valueEnd)
        case 17:
            guard try FramingField.matches(name, "transfer-encoding") else { return }
            guard !notes.isChunked, !hasUnknownCoding else {
                throw FieldFault("transfer-encoding: more than one; expected one")
            }
            // RFC 9112 §6.1: the framing of such a message is faulty.
            guard head.minorVersion > 0 else { throw FieldFault("transfer-encoding: not in HTTP/1.0") }
            switch FramingField.coding(base, line.valueStart, line.valueEnd) {
            case .chunked: notes.isChunked = true
            case .unsupported: hasUnknownCoding = true
            case .malformed: throw FieldFault("transfer-encoding: expected chunked, alone")
            }
        default: break
        }
    }
}
