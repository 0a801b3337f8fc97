/// Text of a server as it may stand in a message: what a terminal would act on is made visible.
enum VisibleText {
    /// The text with each control character, those of ISO 6429 above 0x7F too, written as "\\x1B"; line breaks and tabs
    /// as blanks.
    static func of(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var visible = ""
        for scalar in text.unicodeScalars {
            if !isControl(scalar) {
                visible.unicodeScalars.append(scalar)
            } else if "\t\r\n".unicodeScalars.contains(scalar) {
                visible += " "
            } else {
                visible += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16, uppercase: true)
            }
        }
        return visible
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || scalar.value >= 0x7F && scalar.value < 0xA0
    }
}
