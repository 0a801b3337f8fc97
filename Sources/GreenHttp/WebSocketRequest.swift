import Glibc
import WebSocketWire

/// What is asked for when a WebSocket is opened.
struct WebSocketRequest {
    let target: WebSocketTarget
    /// In place of, and beside, the client's; a nil value takes one out.
    var headers: [(name: String, value: String?)] = []
    /// Asked for, most wanted first.
    var subprotocols: [String] = []
    var options = WebSocketOptions()
    /// Cookies for this one beside the jar's: "a=1; b=2".
    var cookies: String?

    /// The handshake for it, with what the client sends by itself: its headers, who it is, its cookies.
    /// - Throws: `.invalid` for what cannot be sent.
    func handshake(of client: HTTPClient, _ settings: ClientSettings) throws(HTTPClientError) -> ClientHandshake {
        var fields: [(name: String, value: String)] = []
        var asked = HeaderList.merged(client.headers, headers)
        if let text = cookieText(HeaderList.takeCookies(from: &asked), client, settings) {
            fields.append(("Cookie", text))
        }
        for field in asked {
            if let value = field.value { fields.append((field.name, value)) }
        }
        func has(_ name: String) -> Bool {
            fields.contains { HeaderList.isSame($0.name, name) }
                || headers.contains { HeaderList.isSame($0.name, name) }
        }
        if !has("user-agent") { fields.append(("User-Agent", ClientSettings.userAgent)) }
        if !has("authorization"), let value = try authorization(client, settings) {
            fields.append(("Authorization", value))
        }
        do {
            return try ClientHandshake(
                host: target.authority, path: target.path, subprotocols: subprotocols, headers: fields)
        } catch {
            throw HTTPClientError(.invalid, "WebSocket \(target.url): \(error.message)")
        }
    }

    /// The jar's cookies, those of `Cookie` headers and those of the call, in one text: as requests send them.
    private func cookieText(_ given: String?, _ client: HTTPClient, _ settings: ClientSettings) -> String? {
        var texts: [String] = []
        let isTakenOut = headers.contains { HeaderList.isSame($0.name, "cookie") && $0.value == nil }
        if settings.keepsCookies, !isTakenOut {
            let question = CookieMatch.Question(
                host: target.host, path: target.pathOnly, isSecure: target.isSecure, now: Int64(time(nil)))
            if let text = CookieMatch.header(client.cookies.lines, for: question) { texts.append(text) }
        }
        if let given { texts.append(given) }
        if let cookies { texts.append(cookies) }
        return texts.isEmpty ? nil : texts.joined(separator: "; ")
    }

    /// The call's authentication counts more than the URL's, that more than the client's, that more than the base URL's.
    private func authorization(_ client: HTTPClient, _ settings: ClientSettings) throws(HTTPClientError) -> String? {
        if let user = target.user,
            settings.authentication == client.settings(for: target.connectURL).authentication
        {
            return "Basic " + Base64.encode("\(user):\(target.password ?? "")")
        }
        switch settings.authentication {
        case .basic(let user, let password): return "Basic " + Base64.encode("\(user):\(password)")
        case .bearer(let token): return "Bearer " + token
        case .digest, .netrc:
            throw HTTPClientError(
                .invalid, "WebSocket \(target.url): auth: its handshake knows user and password (basic) and bearer only"
            )
        case nil: return nil
        }
    }
}
