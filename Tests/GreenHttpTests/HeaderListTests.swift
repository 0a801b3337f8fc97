import Testing

@testable import GreenHttp

@Suite struct HeaderListTests {
    @Test func linesAreAsLibcurlWantsThem() {
        #expect(HeaderList.line(("A", "b")) == "A: b")
        #expect(HeaderList.line(("A", "")) == "A;")
        #expect(HeaderList.line(("A", " \t")) == "A;")
        #expect(HeaderList.line(("A", nil)) == "A:")
    }

    @Test func aNameIsAToken() {
        for name in ["A", "x-one", "!#$%&'*+-.^_`|~", "0"] { #expect(HeaderList.fault((name, "")) == nil) }
        for name in ["", " ", "a b", "a:", "a;", "ü", "a\r", "a\0", "(a)", "a/b"] {
            #expect(HeaderList.fault((name, "x"))?.hasPrefix("header name") == true, "\(name)")
        }
    }

    @Test func aValueHasNoLineBreakAndNoNUL() {
        for value in ["", "ü", "a\tb", ";", ":"] { #expect(HeaderList.fault(("A", value)) == nil) }
        for value in ["a\r", "\n", "a\r\nB: c", "\0"] { #expect(HeaderList.fault(("A", value)) != nil) }
    }

    @Test func whereAMessageEndsIsNotForHeadersToSay() {
        for name in ["Content-Length", "transfer-encoding", "TRANSFER-ENCODING"] {
            #expect(HeaderList.fault((name, "5"))?.contains("follows from the body") == true)
            #expect(HeaderList.fault((name, nil)) != nil)
        }
        #expect(HeaderList.fault(("host", nil)) != nil)
        #expect(HeaderList.fault(("Host", "a")) == nil)
    }

    @Test func changesTakeThePlaceOfTheirNamesakes() {
        let merged = HeaderList.merged([("A", "1"), ("B", "2"), ("a", "3")], [("a", "4"), ("C", nil), ("A", "5")])
        #expect(merged.map(HeaderList.line) == ["B: 2", "a: 4", "C:", "A: 5"])
    }

    @Test func cookiesAreTakenOutAsOneText() {
        var fields: [HeaderList.Field] = [("A", "1"), ("Cookie", "b=1"), ("cookie", "c=2; d=3"), ("Cookie", nil)]
        #expect(HeaderList.takeCookies(from: &fields) == "b=1; c=2; d=3")
        #expect(fields.map(HeaderList.line) == ["A: 1"])
        #expect(HeaderList.takeCookies(from: &fields) == nil)
    }

    @Test func namesAreTheSameInAnyCase() {
        #expect(HeaderList.isSame("Content-Type", "content-tYPE"))
        #expect(!HeaderList.isSame("Content-Type", "Content-Typ"))
        #expect(!HeaderList.isSame("a", "b"))
    }
}
