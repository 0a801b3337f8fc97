import Testing

@testable import GreenHttp

@Suite struct Base64Tests {
    @Test func theExamplesOfRFC4648Hold() {
        for (text, encoded) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"), ("???>>>", "Pz8/Pj4+"), ("ü", "w7w="),
        ] {
            #expect(Base64.encode(text) == encoded)
        }
    }
}
