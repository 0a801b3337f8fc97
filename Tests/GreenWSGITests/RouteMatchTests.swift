import Testing

@testable import GreenWSGI

@Suite struct RouteParametersTests {
    private func append(_ encoded: String, to parameters: inout RouteParameters) -> Bool {
        withRaw(encoded) { parameters.append(decoding: $0) }
    }

    @Test func valuesAreDecodedAndKeptApart() {
        var parameters = RouteParameters()
        #expect(append("a%2Fb", to: &parameters))
        #expect(append("", to: &parameters))
        #expect(append("c", to: &parameters))
        #expect(parameters.count == 3)
        #expect((0..<3).map { text(parameters.value(at: $0)) } == ["a/b", "", "c"])
        #expect(parameters.withUnsafeBytes(at: 2) { Array($0) } == Array("c".utf8))
    }

    @Test(arguments: ["..", "%2e%2E", ".%2e", "../a", "a/..", "a/../b", "a%2F..", "..%2f..%2Fetc", "a%00", "%zz"])
    func anUnsafeOrMalformedTextIsRefused(_ encoded: String) {
        var parameters = RouteParameters()
        #expect(!append(encoded, to: &parameters))
    }

    @Test(arguments: ["...", "..a", "a..", ".", "a/.../b", "a/.b./c", "%252e%252e"])
    func dotsThatAreNoParentSegmentAreAllowed(_ encoded: String) {
        var parameters = RouteParameters()
        #expect(append(encoded, to: &parameters))
    }

    @Test func removingAllForgetsTheValues() {
        var parameters = RouteParameters()
        #expect(append("a", to: &parameters))
        parameters.removeAll()
        #expect(parameters.count == 0)
        #expect(append("b", to: &parameters))
        #expect(text(parameters.value(at: 0)) == "b")
    }
}
