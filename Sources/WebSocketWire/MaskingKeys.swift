/// Where a client's masking keys come from: a fresh one for each frame (RFC 6455 §5.3).
public struct MaskingKeys: Sendable {
    private let fixed: MaskingKey?
    /// The second half of the last random number, while it is unused.
    private var spare: UInt32?

    private init(fixed: MaskingKey?) {
        self.fixed = fixed
    }

    /// Keys that nobody can guess, from `SystemRandomNumberGenerator`, as RFC 6455 §10.3 asks for.
    public static var system: MaskingKeys { MaskingKeys(fixed: nil) }

    /// Always `key`: for tests. With keys that can be guessed a script could put bytes of its choice on the wire.
    public static func fixed(_ key: MaskingKey) -> MaskingKeys { MaskingKeys(fixed: key) }

    /// The key for the next frame.
    mutating func next() -> MaskingKey {
        if let fixed { return fixed }
        if let bits = spare {
            spare = nil
            return MaskingKey(bits: bits)
        }
        // Each draw is a system call and has bits for two keys.
        var generator = SystemRandomNumberGenerator()
        let number = generator.next()
        spare = UInt32(truncatingIfNeeded: number >> 32)
        return MaskingKey(bits: UInt32(truncatingIfNeeded: number))
    }
}
