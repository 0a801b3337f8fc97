import Glibc
import Green
import HTTPWire
import LuaRuntime

/// What `memory.lua` asks an app with, without a network: requests read as those that are sent, redirects judged as
/// those that are followed, responses made as those that are received.
enum MemoryTransport {
    /// `memory_request(…)`, with the arguments of `send`: a table that describes the request; or nil, kind, message.
    static let request = Native("GreenHttp:request") { state in
        let lua = LuaStack(state)
        guard let client = ClientObject.at(1, of: lua) else { return lua.fail(argument: 1, expected: "GreenHttp") }
        if client.isClosed { return lua.fail("this GreenHttp is closed") }
        do throws(HTTPClientError) {
            let (request, settings) = try RequestReader(lua: lua, client: client).read()
            var fields = request.headers ?? client.headers
            if let field = try authorization(settings.authentication) { fields = HeaderList.merged([field], fields) }
            var body: [UInt8]?
            switch request.upload {
            case .none, .stream: break
            case .bytes(let bytes): body = bytes
            case .parts(let parts):
                let boundary = Multipart.boundary()
                body = try Multipart.encode(parts, boundary: boundary)
                fields = HeaderList.merged(
                    [("Content-Type", "multipart/form-data; boundary=\(boundary)")], fields)
            }
            return pushed(lua) { () throws(LuaFailure) in
                try push(request.method, request.url, fields, on: lua)
                if let body {
                    try lua.push(copying: body)
                    try lua.setField("body", of: -2)
                }
                try set("max_redirects", settings.maxRedirects, lua)
                if let most = settings.sizes.body { try set("max_body", most, lua) }
                if let timeout = settings.timeout {
                    lua.push(Double(timeout) / 1e9)
                    try lua.setField("timeout", of: -2)
                }
                if let cookies = request.cookies {
                    try lua.push(cookies)
                    try lua.setField("cookies", of: -2)
                }
                lua.push(settings.keepsCookies)
                try lua.setField("keeps_cookies", of: -2)
            }
        } catch {
            return Send.answer(error, lua)
        }
    }

    /// `memory_redirect(status, method, url, fields, location)`: what to ask for next, with `loses_body` and
    /// `loses_secrets`; or nil, kind, message.
    static let redirect = Native("GreenHttp:request") { state in
        let lua = LuaStack(state)
        guard let status = lua.integer(at: 1), let method = lua.string(at: 2), let url = lua.string(at: 3),
            let location = lua.bytes(at: 5).map(RequestURL.encode), let from = RequestURL.Origin(url)
        else { return lua.fail("status, method, URL, fields and location expected") }
        do {
            var fields = try RequestReader.headers(lua, at: 4)
            var next = try RequestURL.make(location, base: url)
            let user = try RequestURL.takeUser(from: &next)
            let losesBody = Redirect.turnsIntoGet(status, method)
            if losesBody { fields = Redirect.withoutBody(fields) }
            let losesSecrets = RequestURL.Origin(next).map { !$0.mayGetSecrets(of: from) } ?? true
            if losesSecrets { fields = Redirect.withoutSecrets(fields) }
            if let field = try authorization(user) { fields = HeaderList.merged(fields, [field]) }
            return pushed(lua) { () throws(LuaFailure) in
                try push(losesBody ? "GET" : method, next, fields, on: lua)
                lua.push(losesBody)
                try lua.setField("loses_body", of: -2)
                lua.push(losesSecrets)
                try lua.setField("loses_secrets", of: -2)
            }
        } catch let error as HTTPClientError {
            return Send.answer(HTTPClientError(.redirect, "\(method) \(url): redirect to \(error.message)"), lua)
        } catch {
            return lua.fail("\(error)")
        }
    }

    /// `memory_response(method, url, status, fields, body)`: as one that came over a network.
    static let response = Native("GreenHttp:request") { state in
        let lua = LuaStack(state)
        guard let method = lua.string(at: 1), let url = lua.string(at: 2), let status = lua.integer(at: 3),
            lua.type(at: 4) == .table, let body = lua.bytes(at: 5)
        else { return lua.fail("method, URL, status, fields and body expected") }
        var head = Array("HTTP/1.1 \(status) \(reasonPhrase(for: status))\r\n".utf8)
        for position in stride(from: 1, to: lua.rawLength(of: 4), by: 2) {
            lua.pushRaw(index: position, of: 4)
            lua.pushRaw(index: position + 1, of: 4)
            if let name = lua.bytes(at: -2), let value = lua.bytes(at: -1) {
                head += name + [58, 32] + value + [13, 10]
            }
            lua.pop(2)
        }
        head += [13, 10]
        let response = ClientResponse(method: method, url: url, status: status, head: head, body: body)
        response.facts.version = "1.1"
        response.facts.address = "memory"
        do throws(LuaFailure) {
            try lua.push(reference: ResponseObject(response), as: ResponseObject.definition)
        } catch {
            return Native.raise
        }
        return 1
    }

    /// `http_date(text)`: seconds since 1970; nil for what is no date.
    static let date = Native("GreenHttp:request") { state in
        let lua = LuaStack(state)
        guard let date = lua.bytes(at: 1).flatMap({ HTTPDate.parse($0, now: Int64(time(nil))) }) else { return 0 }
        lua.push(Int(date))
        return 1
    }

    /// `time()`: seconds since 1970.
    static let now = Native("GreenHttp:request") { state in
        LuaStack(state).push(Int(time(nil)))
        return 1
    }

    // MARK: Pushing

    private static func pushed(_ lua: LuaStack, _ body: () throws(LuaFailure) -> Void) -> Int32 {
        do throws(LuaFailure) { try body() } catch { return Native.raise }
        return 1
    }

    private static func set(_ name: String, _ value: Int, _ lua: LuaStack) throws(LuaFailure) {
        lua.push(value)
        try lua.setField(name, of: -2)
    }

    /// Pushes a table: method, url, target, host, scheme, path, fields (flat list, Host first).
    private static func push(
        _ method: String, _ url: String, _ fields: [HeaderList.Field], on lua: LuaStack
    ) throws(LuaFailure) {
        try lua.pushTable(fields: 12)
        guard let origin = RequestURL.Origin(url) else { return }
        let path = origin.target.prefix { $0 != "?" }
        for (name, text) in [
            ("method", method), ("url", url), ("target", origin.target), ("host", origin.host),
            ("scheme", origin.scheme), ("path", String(path)),
        ] {
            try lua.push(text)
            try lua.setField(name, of: -2)
        }
        let defaults: [HeaderList.Field] = [
            ("Host", origin.authority), ("User-Agent", ClientSettings.userAgent), ("Accept", "*/*"),
        ]
        let sent = HeaderList.merged(defaults, fields)
        try lua.pushTable(items: sent.count * 2)
        var position = 0
        for field in sent {
            guard let value = field.value else { continue }
            try lua.push(field.name)
            try lua.rawSet(position: position + 1, in: -2)
            try lua.push(value)
            try lua.rawSet(position: position + 2, in: -2)
            position += 2
        }
        try lua.setField("fields", of: -2)
    }

    private static func authorization(_ authentication: Authentication?) throws(HTTPClientError) -> HeaderList.Field? {
        switch authentication {
        case nil: nil
        case .basic(let user, let password): ("Authorization", "Basic \(Base64.encode("\(user):\(password)"))")
        case .bearer(let token): ("Authorization", "Bearer \(token)")
        case .digest, .netrc: throw HTTPClientError(.invalid, "auth: an app in memory is told basic and bearer only")
        }
    }
}
