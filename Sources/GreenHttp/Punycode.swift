/// Names of hosts beyond ASCII, as they stand in the name system (RFC 3492, RFC 5890 §2.3.2.1). libcurl leaves this to
/// the process's locale, which is "C" where nobody has set it.
enum Punycode {
    /// A host's name in ASCII: lower case, each label that needs it as "xn--…"; nil for what is no name.
    static func host(_ name: String) -> String? {
        let labels = name.lowercased().split(omittingEmptySubsequences: false) { ".。．｡".contains($0) }
        var result: [String] = []
        for label in labels {
            if label.utf8.allSatisfy({ $0 < 0x80 }) {
                result.append(String(label))
            } else {
                guard let encoded = encode(Array(label.unicodeScalars)), encoded.utf8.count <= 59 else { return nil }
                result.append("xn--" + encoded)
            }
        }
        return result.joined(separator: ".")
    }

    /// RFC 3492 §6.3.
    private static func encode(_ label: [Unicode.Scalar]) -> String? {
        let basic = label.filter(\.isASCII)
        var text = String(String.UnicodeScalarView(basic))
        if !basic.isEmpty { text += "-" }
        var least: UInt32 = 128
        var delta = 0
        var bias = 72
        var done = basic.count
        while done < label.count {
            guard let next = label.lazy.map(\.value).filter({ $0 >= least }).min(), label.count < 256 else {
                return nil
            }
            delta += Int(next - least) * (done + 1)
            least = next
            for scalar in label {
                if scalar.value < least { delta += 1 }
                guard scalar.value == least else { continue }
                append(delta, bias, to: &text)
                bias = adapted(delta, done + 1, isFirst: done == basic.count)
                delta = 0
                done += 1
            }
            delta += 1
            least += 1
        }
        return text
    }

    /// A number in digits of varying weight.
    private static func append(_ number: Int, _ bias: Int, to text: inout String) {
        var rest = number
        var step = 36
        while true {
            let threshold = min(max(step - bias, 1), 26)
            if rest < threshold { break }
            text.append(digits[threshold + (rest - threshold) % (36 - threshold)])
            rest = (rest - threshold) / (36 - threshold)
            step += 36
        }
        text.append(digits[rest])
    }

    /// RFC 3492 §6.1.
    private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
        var rest = isFirst ? delta / 700 : delta / 2
        rest += rest / count
        var bias = 0
        while rest > 455 {
            rest /= 35
            bias += 36
        }
        return bias + 36 * rest / (rest + 38)
    }

    private static let digits = Array("abcdefghijklmnopqrstuvwxyz0123456789")
}
