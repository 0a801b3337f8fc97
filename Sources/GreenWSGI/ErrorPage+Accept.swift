import HTTPWire

/// Which form of a page a client prefers (RFC 9110 §12.5.1).
extension ErrorPage {
    /// The form for a request with these fields; text when they do not say.
    static func form(_ fields: UnsafeBufferPointer<HeaderField>, _ bytes: UnsafeRawBufferPointer) -> Form {
        accept(fields, bytes).map(form) ?? .text
    }

    /// The value of the first Accept field.
    @inline(__always)
    static func accept(
        _ fields: UnsafeBufferPointer<HeaderField>, _ bytes: UnsafeRawBufferPointer
    ) -> UnsafeRawBufferPointer? {
        for field in fields where field.name.count == 6 {
            if ASCIICase.equal(field.name.slice(of: bytes), "Accept") { return field.value.slice(of: bytes) }
        }
        return nil
    }

    /// The form an Accept field's value ranks highest: by weight, then by how exactly it is named, then by order.
    static func form(_ accept: UnsafeRawBufferPointer) -> Form {
        if accept.elementsEqual("*/*".utf8) { return .text }
        var best = (form: Form.text, weight: 0, precision: -1)
        for range in accept.split(separator: UInt8(ascii: ",")) {
            let parts = range.split(separator: UInt8(ascii: ";"))
            guard let type = parts.first.map(trimmed), let (form, precision) = meaning(type) else { continue }
            let weight = parts.dropFirst().lazy.map(trimmed).compactMap(weight).first ?? 1_000
            if weight > best.weight || (weight == best.weight && weight > 0 && precision > best.precision) {
                best = (form, weight, precision)
            }
        }
        return best.form
    }

    private static func trimmed(_ part: Slice<UnsafeRawBufferPointer>) -> String {
        let space: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        let start = part.drop(while: space)
        let end = start.lastIndex { !space($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self).lowercased()
    }

    private static func meaning(_ type: String) -> (Form, precision: Int)? {
        switch type {
        case "text/plain": (.text, 2)
        case "text/html", "application/xhtml+xml": (.html, 2)
        case "application/json": (.json, 2)
        case "text/*": (.text, 1)
        case "application/*": (.json, 1)
        case "*/*": (.text, 0)
        default: nil
        }
    }

    /// Thousandths of `q=0.5`; nil for any other parameter.
    private static func weight(_ parameter: String) -> Int? {
        guard parameter.hasPrefix("q=") else { return nil }
        guard let value = Double(parameter.dropFirst(2)), (0...1).contains(value) else { return 0 }
        return Int(value * 1_000)
    }
}
