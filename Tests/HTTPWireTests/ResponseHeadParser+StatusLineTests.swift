import HTTPWire
import Testing

@Suite struct ResponseHeadParserStatusLineTests {
    // RFC 9112 §4: the reason phrase may be empty; the space in front of it is often left out then.
    @Test func theReasonMayBeEmptyOrMissing() {
        for line in ["HTTP/1.1 200 ", "HTTP/1.1 200"] {
            let parsed = Answered(line + "\r\n\r\n")
            #expect(parsed.head.status == 200)
            #expect(parsed.head.reason.isEmpty)
        }
    }

    @Test func theReasonMayHoldTabsSpacesAndOctetsAboveASCII() {
        let parsed = answer("404 not\t\u{FC}ber  all")
        #expect(parsed.text(parsed.head.reason) == "not\t\u{FC}ber  all")
    }

    @Test func theReasonHoldsNoControlCharacter() {
        #expect(answer("200 O\u{0}K").refused == .malformed)
        #expect(answer("200 O\rK").refused == .malformed)
        #expect(answer("200 O\u{7F}K").refused == .malformed)
    }

    @Test(arguments: [
        "20", "2000 OK", "2x0 OK", "-20 OK", "+20 OK", "", " 200 OK", "200\tOK", "099 OK", "000 OK", "20 OK",
    ])
    func aStatusHasThreeDigitsFrom100On(status: String) {
        #expect(answer(status).refused == .malformed)
    }

    // RFC 9110 §15: invalid codes are for the user to treat as 5xx.
    @Test func statusesUpTo999AreRead() {
        #expect(answer("100 a").head.status == 100)
        #expect(answer("999 a").head.status == 999)
    }

    // RFC 9110 §2.5.
    @Test func laterMinorVersionsCountAs11() {
        #expect(answer(version: "1.0").head.minorVersion == 0)
        #expect(answer(version: "1.1").head.minorVersion == 1)
        #expect(answer(version: "1.9").head.minorVersion == 1)
    }

    @Test func otherMajorVersionsAreNotSupported() {
        #expect(answer(version: "2.0").refused == .unsupported)
        #expect(answer(version: "0.9").refused == .unsupported)
    }

    @Test(arguments: ["1", "1.", "11.1", "1.10", "a.1", "1.a", "1,1"])
    func aMalformedVersionIsRefused(version: String) {
        #expect(answer(version: version).refused == .malformed)
    }
}
