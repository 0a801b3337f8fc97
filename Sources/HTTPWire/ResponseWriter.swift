/// Writes HTTP/1.1 responses into a ``ByteBuffer``, piece by piece, without allocating beside the buffer's growth.
///
/// Order: ``statusLine(_:minorVersion:into:)``, fields, ``endOfHead(into:)``, then the body as it stands or as chunks.
/// ``simple(status:contentType:body:date:keepAlive:includesBody:into:)`` does all at once.
public enum ResponseWriter {
    /// Writes the status line with the usual reason phrase (RFC 9112 §4).
    ///
    /// - Parameters:
    ///   - status: 100–999; traps otherwise.
    ///   - minorVersion: 0 or 1. A server says 1 to HTTP/1.0 peers too (RFC 9110 §6.2).
    public static func statusLine(_ status: Int, minorVersion: UInt8 = 1, into buffer: inout ByteBuffer) {
        if status == 200, minorVersion == 1 {
            buffer.append("HTTP/1.1 200 OK\r\n")
            return
        }
        statusPrefix(status, minorVersion, &buffer)
        buffer.append(reasonPhrase(for: status))
        buffer.append("\r\n")
    }

    /// Writes the status line with a reason phrase of its own; writes nothing and returns false when the
    /// phrase holds a control character other than a tab.
    public static func statusLine(
        _ status: Int, reason: UnsafeRawBufferPointer, minorVersion: UInt8 = 1, into buffer: inout ByteBuffer
    ) -> Bool {
        guard isFieldValue(reason) else { return false }
        statusPrefix(status, minorVersion, &buffer)
        buffer.append(reason)
        buffer.append("\r\n")
        return true
    }

    private static func statusPrefix(_ status: Int, _ minorVersion: UInt8, _ buffer: inout ByteBuffer) {
        precondition(status >= 100 && status <= 999, "a status has three digits")
        buffer.append(minorVersion == 0 ? "HTTP/1.0 " : "HTTP/1.1 ")
        buffer.appendDecimal(status)
        buffer.append(ASCII.space)
    }

    /// Writes a field line; writes nothing and returns false when `name` is not a token (RFC 9110 §5.1) or
    /// `value` holds CR, LF, NUL or another control character than a tab (§5.5).
    public static func field(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, into buffer: inout ByteBuffer
    ) -> Bool {
        guard let base = name.baseAddress, name.count > 0, isFieldValue(value) else { return false }
        for offset in 0..<name.count where !ByteSet.token.contains(base.byte(offset)) { return false }
        buffer.reserve(name.count &+ value.count &+ 4)
        buffer.append(name)
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
        return true
    }

    /// Writes a field line from strings, under the same rules.
    public static func field(_ name: StaticString, _ value: String, into buffer: inout ByteBuffer) -> Bool {
        var value = value
        return value.withUTF8 { bytes in
            field(
                UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount),
                UnsafeRawBufferPointer(bytes), into: &buffer)
        }
    }

    /// Writes a field line from literals; one that is no valid field traps in debug and is left out in release.
    public static func literalField(_ name: StaticString, _ value: StaticString, into buffer: inout ByteBuffer) {
        assert(
            isFieldValue(UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount)),
            "a literal field must have no control characters in its value")
        buffer.append(name)
        buffer.append(": ")
        buffer.append(value)
        buffer.append("\r\n")
    }

    /// Writes the Content-Length field (RFC 9110 §8.6) for a body of `count` bytes.
    public static func contentLength(_ count: Int, into buffer: inout ByteBuffer) {
        buffer.append("Content-Length: ")
        buffer.appendDecimal(count)
        buffer.append("\r\n")
    }

    /// Writes `Transfer-Encoding: chunked`; not for HTTP/1.0 peers (RFC 9112 §6.1).
    public static func transferEncodingChunked(into buffer: inout ByteBuffer) {
        buffer.append("Transfer-Encoding: chunked\r\n")
    }

    /// Writes the empty line that ends the head.
    public static func endOfHead(into buffer: inout ByteBuffer) {
        buffer.append("\r\n")
    }

    /// Writes the interim response that asks a waiting peer for its body (RFC 9110 §15.2.1).
    public static func continueInterim(into buffer: inout ByteBuffer) {
        buffer.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// Writes one chunk (RFC 9112 §7.1); nothing when `bytes` is empty, since an empty chunk would end the body.
    public static func chunk(_ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer) {
        guard bytes.count > 0 else { return }
        buffer.reserve(bytes.count &+ 20)
        buffer.appendHexadecimal(bytes.count)
        buffer.append("\r\n")
        buffer.append(bytes)
        buffer.append("\r\n")
    }

    /// Writes the last chunk and the end of a chunked body, without trailers.
    public static func lastChunk(into buffer: inout ByteBuffer) {
        buffer.append("0\r\n\r\n")
    }

    /// Whether `value` may stand in a field line: no control characters but tabs (RFC 9110 §5.5).
    public static func isFieldValue(_ value: UnsafeRawBufferPointer) -> Bool {
        guard let base = value.baseAddress else { return true }
        return base.firstControl(from: 0, to: value.count) == value.count
    }
}
