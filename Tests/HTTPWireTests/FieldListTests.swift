import HTTPWire
import Testing

@Suite struct FieldListTests {
    private func items(_ text: String) -> [String] {
        Array(text.utf8).withUnsafeBytes { raw in
            var index = 0
            var items: [String] = []
            while let item = FieldList.nextItem(raw, &index, raw.count) {
                items.append(String(decoding: item.slice(of: raw), as: UTF8.self))
            }
            return items
        }
    }

    // RFC 9110 §5.6.1.2.
    @Test func itemsComeWithoutWhiteSpaceAndWithoutEmptyOnes() {
        #expect(items("foo , ,bar,charlie") == ["foo", "bar", "charlie"])
        #expect(items("\t a b ,,") == ["a b"])
        #expect(items(" , ,\t") == [])
        #expect(items("") == [])
    }

    // RFC 9110 §5.6.2.
    @Test func aTokenHasNoDelimiterAndIsNotEmpty() {
        for (text, isToken) in [
            ("chat.v2", true), ("!#$%&'*+-.^_`|~", true), ("", false), ("a b", false), ("a,b", false),
        ] {
            #expect(Array(text.utf8).withUnsafeBytes { FieldList.isToken($0) } == isToken, "\(text)")
        }
    }
}
