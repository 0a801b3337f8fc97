import Testing

@testable import HTTPWire

@Suite struct ByteSetTests {
    private let alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    private let unreserved = "-._~"
    private let subDelimiters = "!$&'()*+,;="

    private func members(_ set: ByteSet) -> Set<UInt8> { Set((0...255).filter { set.contains($0) }) }

    @Test func theTokenSetIsThatOfRFC9110() {
        #expect(members(.token) == Set((alphanumeric + "!#$%&'*+-.^_`|~").utf8))
    }

    @Test func theRegisteredNameSetIsThatOfRFC3986() {
        #expect(members(.registeredName) == Set((alphanumeric + unreserved + subDelimiters).utf8))
    }

    @Test func theAddressSetsAreThoseOfRFC3986() {
        #expect(members(.hexDigit) == Set("0123456789abcdefABCDEF".utf8))
        #expect(members(.addressLiteral) == Set("0123456789abcdefABCDEF:.".utf8))
    }

    @Test func thePathSetIsThatOfRFC3986AndWhatBrowsersSend() {
        #expect(members(.path) == Set((alphanumeric + unreserved + subDelimiters + ":@/" + "[]^|").utf8))
    }

    @Test func theQuerySetIsThatOfRFC3986AndWhatBrowsersSend() {
        let own = alphanumeric + unreserved + subDelimiters + ":@/?%"
        #expect(members(.query) == Set((own + "[]^|`{}\\").utf8))
    }
}
