import Testing

@testable import GreenHttp

@Suite struct FormEncodingTests {
    @Test func onlyLettersDigitsAndFourMarksStayAsTheyAre() {
        let plain = "abcxyzABCXYZ0189*-._"
        #expect(FormEncoding.encode([(plain, plain)]) == "\(plain)=\(plain)")
    }

    @Test func everyOtherByteIsEscapedAndABlankIsAPlus() {
        var text: [UInt8] = []
        (0...255).map(UInt8.init).withUnsafeBytes { FormEncoding.append($0, to: &text) }
        #expect(text.count == 66 + 1 + 189 * 3)
        #expect(FormEncoding.encode([("a b", "ü&=+~%/")]) == "a+b=%C3%BC%26%3D%2B%7E%25%2F")
        #expect(FormEncoding.encode([("\0\r\n", "")]) == "%00%0D%0A=")
    }

    @Test func pairsKeepTheirOrder() {
        #expect(FormEncoding.encode([("b", "1"), ("a", "2"), ("b", "3")]) == "b=1&a=2&b=3")
        #expect(FormEncoding.encode([]) == "")
    }
}
