/// Lends a text's UTF-8 to code that reads raw bytes.
func withRaw<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try withRaw(Array(text.utf8), body)
}

/// Lends bytes to code that reads raw bytes.
func withRaw<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes(body)
}

/// Bytes as text, for expectations that a person can read.
func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
}
