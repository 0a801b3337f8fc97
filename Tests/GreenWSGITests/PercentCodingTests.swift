import GreenWSGI
import Testing

@Suite struct PercentCodingTests {
    private func decoded(_ encoded: String) -> [UInt8]? {
        var output: [UInt8] = []
        return withRaw(encoded) { PercentCoding.decode($0, into: &output) } ? output : nil
    }

    private func decodedForm(_ encoded: String) -> [UInt8] {
        var output: [UInt8] = []
        withRaw(encoded) { PercentCoding.decodeForm($0, into: &output) }
        return output
    }

    @Test func hexadecimalDigitsOfBothCasesAreDecoded() {
        #expect(decoded("%4a%4A%c3%A9") == Array("JJé".utf8))
    }

    @Test func everyByteComesBackFromItsEscape() {
        for byte in UInt8.min...UInt8.max {
            let digits = String(byte, radix: 16)
            #expect(decoded("%" + (digits.count == 1 ? "0" : "") + digits) == [byte])
        }
    }

    @Test func aPlusInAPathIsAPlus() {
        #expect(decoded("a+b") == Array("a+b".utf8))
    }

    @Test(arguments: ["%", "%4", "a%", "a%4", "%zz", "%4g", "%g4", "%%41", "% 1", "%-1"])
    func aMalformedEscapeIsRefused(_ encoded: String) {
        #expect(decoded(encoded) == nil)
    }

    @Test func anEscapedPercentIsNotDecodedTwice() {
        #expect(decoded("%2541") == Array("%41".utf8))
    }

    @Test func aMalformedEscapeInAFormStaysAsItIs() {
        #expect(decodedForm("100%") == Array("100%".utf8))
        #expect(decodedForm("%4") == Array("%4".utf8))
        #expect(decodedForm("%zz%41") == Array("%zzA".utf8))
    }

    @Test func aPlusInAFormIsASpaceAndItsEscapeAPlus() {
        #expect(decodedForm("a+b%2Bc") == Array("a b+c".utf8))
    }

    @Test func encodingKeepsExactlyTheUnreservedCharacters() {
        var output: [UInt8] = []
        withRaw("aZ09-._~ /?é") { PercentCoding.encode($0, into: &output) }
        #expect(text(output) == "aZ09-._~%20%2F%3F%C3%A9")
    }

    @Test func decodingUndoesEncodingForAllBytes() {
        let all = Array(UInt8.min...UInt8.max)
        var encoded: [UInt8] = []
        withRaw(all) { PercentCoding.encode($0, into: &encoded) }
        #expect(decoded(text(encoded)) == all)
    }
}
