/// What a redirecting response makes of the request (RFC 9110 §15.4).
enum Redirect {
    static func isStatus(_ status: Int) -> Bool {
        switch status {
        case 301, 302, 303, 307, 308: true
        default: false
        }
    }

    /// 303 asks for the other resource by GET; a POST that was moved is a GET by custom (§15.4.2 to §15.4.4).
    static func turnsIntoGet(_ status: Int, _ method: String) -> Bool {
        switch status {
        case 303: method != "GET" && method != "HEAD"
        case 301, 302: method == "POST"
        default: false
        }
    }

    /// The fields of a request that has lost its body.
    static func withoutBody(_ fields: [HeaderList.Field]) -> [HeaderList.Field] { fields.without(aboutBody) }

    /// The fields of a request that goes to another host.
    static func withoutSecrets(_ fields: [HeaderList.Field]) -> [HeaderList.Field] { fields.without(secret) }

    private static let aboutBody = [
        "content-type", "content-length", "content-encoding", "content-language", "content-location",
        "transfer-encoding", "expect",
    ]

    /// Who is asking, and the name of the host that was asked first.
    private static let secret = ["authorization", "cookie", "proxy-authorization", "host"]
}

extension [HeaderList.Field] {
    fileprivate func without(_ names: [String]) -> Self {
        filter { field in !names.contains { HeaderList.isSame($0, field.name) } }
    }
}
