/// `application/x-www-form-urlencoded` (URL Standard §5.2).
enum FormEncoding {
    /// Pairs as one text: "a=1&b=2".
    static func encode(_ pairs: [(String, String)]) -> String {
        var text: [UInt8] = []
        for (name, value) in pairs {
            if !text.isEmpty { text.append(UInt8(ascii: "&")) }
            Array(name.utf8).withUnsafeBytes { append($0, to: &text) }
            text.append(UInt8(ascii: "="))
            Array(value.utf8).withUnsafeBytes { append($0, to: &text) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends one name or value: spaces become "+", all but letters, digits and `*-._` becomes "%XX".
    static func append(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
        for byte in bytes {
            if isPlain(byte) {
                text.append(byte)
            } else if byte == UInt8(ascii: " ") {
                text.append(UInt8(ascii: "+"))
            } else {
                appendEscape(of: byte, to: &text)
            }
        }
    }

    /// "%XX".
    static func appendEscape(of byte: UInt8, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "%"))
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
