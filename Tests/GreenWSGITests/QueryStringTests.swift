import Testing

@testable import GreenWSGI

@Suite struct QueryStringTests {
    private func fields(_ query: String) -> [[String]] {
        withRaw(query) { bytes in
            QueryString(bytes).map { [text($0.name), text($0.value)] }
        }
    }

    private func firstValue(of name: StaticString, in query: String) -> [UInt8]? {
        withRaw(query) { QueryString($0).firstValue(of: name) }
    }

    @Test func fieldsComeInOrderWithRepetitions() {
        #expect(fields("a=1&b=2&a=3") == [["a", "1"], ["b", "2"], ["a", "3"]])
    }

    @Test func emptySequencesAreSkipped() {
        #expect(fields("").isEmpty)
        #expect(fields("&&").isEmpty)
        #expect(fields("&a=1&&b=2&") == [["a", "1"], ["b", "2"]])
    }

    @Test func anEmptyNameIsKept() {
        #expect(fields("=v") == [["", "v"]])
        #expect(fields("=") == [["", ""]])
    }

    @Test func aFieldWithoutEqualsHasAnEmptyValue() {
        #expect(fields("a&b=") == [["a", ""], ["b", ""]])
    }

    @Test func onlyTheFirstEqualsSplits() {
        #expect(fields("a=b=c") == [["a", "b=c"]])
    }

    @Test func aSemicolonIsPartOfTheValue() {
        #expect(fields("a=1;b=2") == [["a", "1;b=2"]])
    }

    @Test func escapedSeparatorsDoNotSeparate() {
        #expect(fields("a%26b%3Dc=d%26e") == [["a&b=c", "d&e"]])
    }

    @Test func plusIsASpaceInNamesAndValues() {
        #expect(fields("a+b=c+d%2B") == [["a b", "c d+"]])
    }

    @Test func malformedEscapesStayAsTheyAre() {
        #expect(fields("a=100%&b=%4") == [["a", "100%"], ["b", "%4"]])
    }

    @Test func bytesThatAreNoUTF8ArePassedOn() {
        let value = withRaw("a=%FF%00") { bytes in QueryString(bytes).map(\.value) }
        #expect(value == [[0xFF, 0x00]])
    }

    @Test func rangesPointAtTheEncodedText() {
        withRaw("&n%41=v+1&x") { bytes in
            var query = QueryString(bytes)
            #expect(query.nextRange() == QueryFieldRange(name: 1..<5, value: 6..<9))
            #expect(query.nextRange() == QueryFieldRange(name: 10..<11, value: 11..<11))
            #expect(query.nextRange() == nil)
        }
    }

    @Test func theFirstOfSeveralValuesIsFound() {
        #expect(firstValue(of: "a", in: "b=0&a=1&a=2") == Array("1".utf8))
        #expect(firstValue(of: "c", in: "b=0&a=1") == nil)
    }

    @Test func namesAreComparedDecoded() {
        #expect(firstValue(of: "a b", in: "a+b=1") == Array("1".utf8))
        #expect(firstValue(of: "é", in: "%C3%a9=1") == Array("1".utf8))
        #expect(firstValue(of: "ab", in: "a=1&abc=2") == nil)
    }

    @Test func anEscapeThatTheNamesEndCutsIsNoEscape() {
        #expect(firstValue(of: "%4", in: "%4=1") == Array("1".utf8))
        #expect(firstValue(of: "%", in: "%=41") == Array("41".utf8))
    }
}
