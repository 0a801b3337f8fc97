/// Puts together a frame header whose bytes come in pieces.
struct HeaderAssembly {
    /// The bytes so far, in the memory of two words; a header has at most 14.
    private var held: (UInt64, UInt64) = (0, 0)
    private var count = 0

    /// Reads the header that begins at `index`, or goes on with the one of the call before; moves `index` behind
    /// what was taken. Nil when the bytes end inside the header: all of them are taken then.
    mutating func next(_ bytes: UnsafeRawBufferPointer, _ index: inout Int) throws(WebSocketError) -> FrameHeader? {
        if count == 0 {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[index...])
            if let header = try FrameHeader.parse(rest) {
                index &+= header.byteCount
                return header
            }
        }
        while index < bytes.count {
            let byte = bytes[index]
            index &+= 1
            if let header = try add(byte) {
                count = 0
                return header
            }
        }
        return nil
    }

    /// Adds one byte; the header if it is complete with it.
    private mutating func add(_ byte: UInt8) throws(WebSocketError) -> FrameHeader? {
        let end = count &+ 1
        count = end
        return try withUnsafeMutableBytes(of: &held) { held throws(WebSocketError) in
            held[end &- 1] = byte
            return try FrameHeader.parse(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(held)[..<end]))
        }
    }
}
