import HTTPWire
import Testing

@Suite struct ResponseErrorTests {
    @Test func anErrorNamesItsKindAndReason() {
        guard case .failed(let error) = answer(version: "2.0").progress else {
            Issue.record("an unknown version was accepted")
            return
        }
        #expect(error.kind == .unsupported)
        #expect(error.description == "\(error.message)")
        #expect(answer(version: "3.0").progress == .failed(error))
        #expect(answer(version: "x.0").progress != .failed(error))
    }
}
