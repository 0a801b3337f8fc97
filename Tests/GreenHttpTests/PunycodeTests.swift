import Testing

@testable import GreenHttp

@Suite struct PunycodeTests {
    /// From RFC 3492 §7.1, and names in use.
    @Test(arguments: [
        ("bücher", "xn--bcher-kva"), ("MÜNCHEN", "xn--mnchen-3ya"), ("例え", "xn--r8jz45g"), ("☃", "xn--n3h"),
        ("他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"),
        ("почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("3年b組金八先生", "xn--3b-ww4c5e180e575a65lsy2b"), ("ليهمابتكلموشعربي؟", "xn--egbpdaj6bu4bxfgehfvwxn"),
        ("mañana", "xn--maana-pta"), ("straße", "xn--strae-oqa"),
    ])
    func labelsBeyondASCIIAreEncoded(_ pair: (String, String)) {
        #expect(Punycode.host(pair.0) == pair.1)
    }

    @Test func otherLabelsStayAsTheyAre() {
        #expect(Punycode.host("www.Bücher.Example.") == "www.xn--bcher-kva.example.")
        #expect(Punycode.host("例え。テスト") == "xn--r8jz45g.xn--zckzah")
        #expect(Punycode.host("a.b") == "a.b")
        #expect(Punycode.host("") == "")
    }

    @Test func aLabelHasSixtyThreeLettersAtMost() {
        #expect(Punycode.host(String(repeating: "ü", count: 100)) == nil)
        #expect(Punycode.host(String(repeating: "ü", count: 1000)) == nil)
    }
}
