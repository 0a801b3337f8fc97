import Testing
import WebSocketWire

@Suite struct WebSocketErrorTests {
    @Test func anErrorNamesItsCodeIfThePeerIsToldOne() {
        #expect(WebSocketError(.messageTooBig, "message: long").description == "1009 message: long")
        #expect(WebSocketError(nil, "host: empty").description == "host: empty")
    }
}
