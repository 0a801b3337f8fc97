import HTTPWire
import Testing

@Suite struct RequestParserLookupTests {
    private let bytes = Array("GET / HTTP/1.1\r\nHOST: a\r\nX-One: 1\r\nx-one: 2\r\nX-On: 3\r\n\r\n".utf8)

    @Test func aFieldIsFoundInAnyCase() {
        var parser = RequestParser()
        bytes.withUnsafeBytes { raw in
            let progress = parser.parse(raw)
            let host = parser.firstValue(of: "host", in: raw)?.slice(of: raw).first
            let first = parser.firstValue(of: "x-one", in: raw)?.slice(of: raw).first
            let missing = parser.firstValue(of: "x-o", in: raw)
            #expect(progress == .complete)
            #expect(host == 0x61)
            #expect(first == 0x31)
            #expect(missing == nil)
        }
    }

    @Test func fieldsOfOneNameAreWalkedThrough() {
        var parser = RequestParser()
        bytes.withUnsafeBytes { raw in
            let progress = parser.parse(raw)
            let first = parser.index(of: "x-one", in: raw, from: 0)
            let second = parser.index(of: "x-one", in: raw, from: 2)
            let third = parser.index(of: "x-one", in: raw, from: 3)
            #expect(progress == .complete)
            #expect(first == 1)
            #expect(second == 2)
            #expect(third == nil)
        }
    }

    @Test func aParserWithoutFieldsFindsNone() {
        let parser = RequestParser()
        let found = bytes.withUnsafeBytes { parser.firstValue(of: "host", in: $0) }
        #expect(found == nil)
    }
}
