/// `application/x-www-form-urlencoded` (URL Standard §5.2).
enum FormEncoding {
    /// Pairs as a body: "a=1&b=2".
    static func encode(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }

    /// One name or value.
    static func encode(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): result += "+"
            default:
                result += "%"
                result += Self.digits[Int(byte >> 4)]
                result += Self.digits[Int(byte & 15)]
            }
        }
        return result
    }

    private static let digits = "0123456789ABCDEF".map(String.init)
}
