import Glibc

/// Text in other encodings than UTF-8, by way of iconv(3).
enum CharacterSet {
    /// The bytes, which are in `charset`, as UTF-8; what is no text of that charset becomes U+FFFD. nil for a charset
    /// that iconv does not know.
    static func decode(_ bytes: UnsafeRawBufferPointer, from charset: String) -> [UInt8]? {
        guard let converter = iconv_open("UTF-8", charset), converter != UnsafeMutableRawPointer(bitPattern: -1) else {
            return nil
        }
        defer { iconv_close(converter) }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 2)
        var room = [CChar](repeating: 0, count: 16_384)
        var input = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        var left = bytes.count
        while left > 0 {
            let (status, failure) = room.withUnsafeMutableBufferPointer { buffer in
                var output = buffer.baseAddress
                var outputLeft = buffer.count
                let status = iconv(converter, &input, &left, &output, &outputLeft)
                let failure = errno
                result.append(contentsOf: buffer[..<(buffer.count - outputLeft)].lazy.map { UInt8(bitPattern: $0) })
                return (status, failure)
            }
            if status != Int.max, status != -1 as Int { continue }
            if failure == E2BIG { continue }
            result.append(contentsOf: [0xEF, 0xBF, 0xBD])
            if failure == EINVAL { break }
            input = input.map { $0 + 1 }
            left -= 1
        }
        return result
    }
}
