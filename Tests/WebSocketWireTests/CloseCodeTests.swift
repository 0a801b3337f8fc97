import Testing
import WebSocketWire

@Suite struct CloseCodeTests {
    // RFC 6455 §7.4.1 and §7.4.2, and the IANA registry.
    @Test func codesThatMayBeSentAreThoseRegisteredAndThosePrivate() {
        let registered: Set<UInt16> = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]
        for number in UInt16.min ... .max {
            let expected = registered.contains(number) || (3_000...4_999).contains(number)
            if CloseCode(rawValue: number).mayBeSent != expected { Issue.record("code \(number)") }
        }
    }
}
