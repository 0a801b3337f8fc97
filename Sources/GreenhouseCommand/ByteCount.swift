import ArgumentParser

/// Reads a number of bytes: 65536, 64K, 64M, 64MiB, 1G. The units are of 1024.
/// - Throws: `ValidationError`, with what was expected.
func byteCount(_ argument: String) throws -> Int {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    var digits = argument.uppercased()
    if digits.hasSuffix("IB") { digits.removeLast(2) }
    let unit = digits.last.flatMap { units[$0] }
    if unit != nil { digits.removeLast() }
    guard let number = Int(digits), number >= 0 else {
        throw ValidationError("'\(argument)': expected a number of bytes, such as 65536, 64K, 64M or 1G")
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
    guard !overflow else { throw ValidationError("'\(argument)': expected fewer bytes than 2 to the power of 63") }
    return bytes
}
