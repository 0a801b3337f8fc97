extension ByteBuffer {
    /// Appends `value`, which must not be negative, in decimal digits.
    public mutating func appendDecimal(_ value: Int) {
        precondition(value >= 0, "only numbers from 0 up are written")
        var digits = 1
        var bound = 10
        while value >= bound {
            digits &+= 1
            // 19 digits is the most an Int has, and the next bound would not fit.
            if digits == 19 { break }
            bound &*= 10
        }
        guard let target = room(digits) else { return }
        var rest = UInt(value)
        var index = digits
        while index > 0 {
            index &-= 1
            let (tens, ones) = rest.quotientAndRemainder(dividingBy: 10)
            target[index] = ASCII.zero &+ UInt8(truncatingIfNeeded: ones)
            rest = tens
        }
        commit(digits)
    }

    /// Appends `value`, which must not be negative, in lowercase hexadecimal digits, as chunk sizes are written.
    public mutating func appendHexadecimal(_ value: Int) {
        precondition(value >= 0, "only numbers from 0 up are written")
        let digits = max(1, (67 - value.leadingZeroBitCount) / 4)
        guard let target = room(digits) else { return }
        for index in 0..<digits {
            let nibble = UInt8(truncatingIfNeeded: (value &>> ((digits &- 1 &- index) &* 4)) & 0xF)
            target[index] = nibble < 10 ? ASCII.zero &+ nibble : 0x57 &+ nibble
        }
        commit(digits)
    }
}
