extension ResponseWriter {
    /// Writes a complete response whose body is at hand.
    ///
    /// Content-Length is left out where RFC 9110 §8.6 forbids it (1xx, 204), and the body where there is
    /// none (those and 304).
    ///
    /// - Parameters:
    ///   - status: 100–999.
    ///   - contentType: the Content-Type, left out when it is empty; it must be a valid field value.
    ///   - body: the body; its count is the Content-Length.
    ///   - date: the Date field (RFC 9110 §6.6.1).
    ///   - keepAlive: false adds `Connection: close`.
    ///   - includesBody: false for the answer to HEAD, which has the length but not the body.
    public static func simple(
        status: Int, contentType: StaticString = "text/plain; charset=utf-8", body: UnsafeRawBufferPointer,
        date: borrowing DateHeader, keepAlive: Bool, includesBody: Bool = true, into buffer: inout ByteBuffer
    ) {
        let hasLength = status >= 200 && status != 204
        let hasBody = hasLength && status != 304
        buffer.reserve(256 &+ (hasBody ? body.count : 0))
        statusLine(status, into: &buffer)
        date.append(to: &buffer)
        if hasBody, contentType.utf8CodeUnitCount > 0 { literalField("Content-Type", contentType, into: &buffer) }
        // In a 304 the length would be that of the 200 answer, which is not known here.
        if hasBody { contentLength(body.count, into: &buffer) }
        if !keepAlive { buffer.append("Connection: close\r\n") }
        endOfHead(into: &buffer)
        if hasBody, includesBody { buffer.append(body) }
    }

    /// Writes a response whose head is at hand up to the value of Content-Length, its last field.
    ///
    /// - Parameters:
    ///   - head: the head's bytes, `Content-Length: ` the last of them; must not lie in the buffer.
    ///   - body: the body, which must not lie in the buffer either.
    public static func prepared(
        head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) {
        // 19 digits is the most an Int has, and four bytes end the head.
        guard let start = head.baseAddress, let target = buffer.room(head.count &+ 23 &+ body.count) else { return }
        let room = UnsafeMutableRawPointer(target)
        room.copyMemory(from: start, byteCount: head.count)
        var end = head.count
        var rest = UInt(bitPattern: body.count)
        var digits = 1
        var bound: UInt = 10
        while digits < 19, rest >= bound {
            digits &+= 1
            bound &*= 10
        }
        end &+= digits
        var place = end
        while place > head.count {
            place &-= 1
            let (tens, ones) = rest.quotientAndRemainder(dividingBy: 10)
            target[place] = ASCII.zero &+ UInt8(truncatingIfNeeded: ones)
            rest = tens
        }
        // "\r\n\r\n"
        room.storeBytes(of: UInt32(0x0A0D_0A0D).littleEndian, toByteOffset: end, as: UInt32.self)
        end &+= 4
        if let start = body.baseAddress { (room + end).copyMemory(from: start, byteCount: body.count) }
        buffer.commit(end &+ body.count)
    }

    /// Writes the answer to a refused request: its status, its message as the body, `Connection: close`.
    public static func refusal(
        _ error: RequestError, date: borrowing DateHeader, into buffer: inout ByteBuffer
    ) {
        let message = UnsafeRawBufferPointer(start: error.message.utf8Start, count: error.message.utf8CodeUnitCount)
        simple(status: error.status, body: message, date: date, keepAlive: false, into: &buffer)
    }
}
