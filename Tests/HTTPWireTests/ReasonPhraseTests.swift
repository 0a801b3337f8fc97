import HTTPWire
import Testing

@Suite struct ReasonPhraseTests {
    // RFC 9110 §15.
    @Test func knownCodesHaveTheirPhrase() {
        #expect(reasonPhrase(for: 200).description == "OK")
        #expect(reasonPhrase(for: 404).description == "Not Found")
        #expect(reasonPhrase(for: 413).description == "Content Too Large")
        #expect(reasonPhrase(for: 431).description == "Request Header Fields Too Large")
    }

    @Test func unknownCodesHaveNone() {
        #expect(reasonPhrase(for: 299).description == "")
        #expect(reasonPhrase(for: 0).description == "")
    }

    @Test func everyPhraseMayStandInAStatusLine() {
        for status in 0..<1_000 {
            let phrase = reasonPhrase(for: status)
            let bytes = UnsafeRawBufferPointer(start: phrase.utf8Start, count: phrase.utf8CodeUnitCount)
            #expect(ResponseWriter.isFieldValue(bytes))
        }
    }
}
