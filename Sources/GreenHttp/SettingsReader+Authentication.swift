import LuaRuntime

/// The option `auth`.
extension SettingsReader {
    /// `{user, password}`, with `type = "digest"`; `{bearer = token}`; `{netrc = true or path}`; false for none.
    func authentication() throws(Fault) -> Authentication? {
        if isFalse { return nil }
        guard lua.type(at: -1) == .table else {
            throw wrong("auth", "{user, password}, {bearer = token} or {netrc = true}")
        }
        try checkNames(["bearer", "netrc", "user", "password", "type"], upTo: 2, of: "auth")
        let authentication = try readAuthentication()
        if let fault = authentication.fault { throw Fault(message: "option 'auth': \(fault)") }
        return authentication
    }

    private func readAuthentication() throws(Fault) -> Authentication {
        if let token = try field("bearer") { return .bearer(token: token) }
        do { try lua.pushField("netrc", of: -1) } catch { throw Fault(message: "not enough memory") }
        if lua.boolean(at: -1) {
            defer { lua.pop() }
            guard allowsFiles else { throw Fault(message: "option 'auth': this host lets no script name files") }
            return .netrc(path: lua.type(at: -1) == .string ? try file("auth.netrc") : nil)
        }
        lua.pop()
        var user = try field("user")
        if user == nil { user = try item(1) }
        var password = try field("password")
        if password == nil { password = try item(2) }
        guard let user, let password else {
            throw Fault(message: "option 'auth': {user, password}, {bearer = token} or {netrc = true} expected")
        }
        switch try field("type") ?? "basic" {
        case "basic": return .basic(user: user, password: password)
        case "digest": return .digest(user: user, password: password)
        case let other: throw Fault(message: "option 'auth': the type \"basic\" or \"digest\" expected, got '\(other)'")
        }
    }

    private func field(_ name: String) throws(Fault) -> String? {
        do { try lua.pushField(name, of: -1) } catch { throw Fault(message: "not enough memory") }
        defer { lua.pop() }
        return lua.isNil(at: -1) ? nil : try text("auth.\(name)")
    }

    private func item(_ position: Int) throws(Fault) -> String? {
        lua.pushRaw(index: position, of: -1)
        defer { lua.pop() }
        return lua.isNil(at: -1) ? nil : try text("auth[\(position)]")
    }
}
