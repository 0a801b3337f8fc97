import HTTPWire
import Testing

@Suite struct RequestErrorTests {
    @Test func anErrorNamesItsStatusAndReason() {
        guard case .failed(let error) = Parsed("GET / HTTP/2.0\r\n\r\n").progress else {
            Issue.record("an unknown version was accepted")
            return
        }
        #expect(error.description == "505 \(error.message)")
        #expect(Parsed("GET / HTTP/3.0\r\n\r\n").progress == .failed(error))
        #expect(Parsed("GET / HTTP/1\r\n\r\n").progress != .failed(error))
    }
}
