import HTTPWire

extension FrameHeader {
    /// Appends a copy of `piece`, masked or unmasked if the frame has a key; gives the bytes as appended, valid
    /// until the buffer is changed. `phase` is how many bytes of the frame's payload came before.
    func takePayload(
        _ piece: UnsafeRawBufferPointer, phase: Int, into buffer: inout ByteBuffer
    ) -> UnsafeRawBufferPointer {
        guard let source = piece.baseAddress, piece.count > 0,
            let target = buffer.writableSpace(minimum: piece.count).baseAddress
        else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if let maskingKey {
            maskingKey.apply(source, to: target, count: piece.count, phase: phase)
        } else {
            target.copyMemory(from: source, byteCount: piece.count)
        }
        buffer.commit(piece.count)
        return UnsafeRawBufferPointer(start: target, count: piece.count)
    }
}
