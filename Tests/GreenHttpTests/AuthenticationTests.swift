import Testing

@testable import GreenHttp

@Suite struct AuthenticationTests {
    @Test func whatWouldBreakIntoAFieldIsAFault() {
        for fine: Authentication in [
            .basic(user: "ü", password: ": x"), .digest(user: "", password: ""), .bearer(token: "a.b-c_d~e+f/g="),
            .netrc(path: nil),
        ] {
            #expect(fine.fault == nil)
        }
        for broken: Authentication in [
            .basic(user: "a\n", password: ""), .basic(user: "", password: "a\r"),
            .digest(user: "a\r\nX: y", password: ""),
            .bearer(token: "a\r\nX: y"), .bearer(token: ""), .bearer(token: "a b"),
            .basic(user: "a\u{7F}", password: ""),
        ] {
            #expect(broken.fault != nil)
        }
    }

    @Test func aColonInAUsersNameWouldEndIt() {
        #expect(Authentication.basic(user: "a:b", password: "").fault?.contains("colon") == true)
    }
}
