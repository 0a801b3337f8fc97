import Testing

@testable import GreenHttp

@Suite struct RedirectTests {
    @Test func fiveStatusesRedirect() {
        #expect((300...399).filter(Redirect.isStatus) == [301, 302, 303, 307, 308])
    }

    @Test func onlyTheseTurnIntoGet() {
        for status in [301, 302] {
            #expect(Redirect.turnsIntoGet(status, "POST"))
            for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH"] { #expect(!Redirect.turnsIntoGet(status, method)) }
        }
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] { #expect(Redirect.turnsIntoGet(303, method)) }
        for method in ["GET", "HEAD"] { #expect(!Redirect.turnsIntoGet(303, method)) }
        for status in [307, 308] { #expect(!Redirect.turnsIntoGet(status, "POST")) }
    }

    @Test func fieldsAboutTheBodyGoWithIt() {
        let fields: [HeaderList.Field] = [
            ("content-TYPE", "a"), ("Content-Encoding", "b"), ("X", "c"), ("Accept", "d"),
        ]
        #expect(Redirect.withoutBody(fields).map(\.name) == ["X", "Accept"])
    }

    @Test func fieldsAboutWhoAsksStayBehind() {
        let fields: [HeaderList.Field] = [
            ("authorization", "a"), ("Cookie", "b"), ("Proxy-Authorization", "c"), ("Host", "d"), ("X-Key", "e"),
        ]
        #expect(Redirect.withoutSecrets(fields).map(\.name) == ["X-Key"])
    }
}
