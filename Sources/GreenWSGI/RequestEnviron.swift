import GreenNet
import HTTPWire
import LuaRuntime

/// `request.environ`: the same request in the words of WSGI (PEP 3333), for those who come from there.
///
/// `wsgi.input` is the request itself: it has `read` and `readline`, which park until the bytes are there.
enum RequestEnviron {
    /// Pushes the table for the request at index 1.
    static func push(_ request: RequestView, _ lua: LuaStack) throws(LuaFailure) {
        let head = request.head
        let bytes = request.bytes
        try lua.pushTable(fields: 24)
        try set("REQUEST_METHOD", head.methodName.slice(of: bytes), lua)
        try set("QUERY_STRING", head.query.slice(of: bytes), lua)
        try set("SERVER_PROTOCOL", head.minorVersion == 0 ? "HTTP/1.0" : "HTTP/1.1", lua)
        try set("SCRIPT_NAME", "", lua)
        var path: [UInt8] = []
        let raw = head.path.slice(of: bytes)
        if !PercentCoding.decode(raw, into: &path) { path = Array(raw) }
        if path.isEmpty { path = [UInt8(ascii: "/")] }
        try lua.push(copying: path)
        try lua.setField("PATH_INFO", of: -2)
        try setServer(request, lua)
        try setRemote(request, lua)
        try setFields(request, lua)
        try set("wsgi.url_scheme", "http", lua)
        for name in ["wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"] {
            lua.push(false)
            try lua.setField(name, of: -2)
        }
        try lua.pushTable(items: 2)
        for (index, number) in [1, 0].enumerated() {
            lua.push(number)
            try lua.rawSet(position: index + 1, in: -2)
        }
        try lua.setField("wsgi.version", of: -2)
        lua.pushCopy(of: 1)
        try lua.setField("wsgi.input", of: -2)
    }

    private static func set(_ name: String, _ value: UnsafeRawBufferPointer, _ lua: LuaStack) throws(LuaFailure) {
        try lua.push(bytes: value)
        try lua.setField(name, of: -2)
    }

    private static func set(_ name: String, _ value: StaticString, _ lua: LuaStack) throws(LuaFailure) {
        try lua.push(value)
        try lua.setField(name, of: -2)
    }

    private static func setServer(_ request: RequestView, _ lua: LuaStack) throws(LuaFailure) {
        let authority = String(decoding: request.head.authority.slice(of: request.bytes), as: UTF8.self)
        let colon = authority.lastIndex(of: ":").flatMap { authority[$0...].contains("]") ? nil : $0 }
        try lua.push(colon.map { String(authority[..<$0]) } ?? authority)
        try lua.setField("SERVER_NAME", of: -2)
        try lua.push(colon.map { String(authority[authority.index(after: $0)...]) } ?? "80")
        try lua.setField("SERVER_PORT", of: -2)
    }

    private static func setRemote(_ request: RequestView, _ lua: LuaStack) throws(LuaFailure) {
        guard let connection = request.connection else { return }
        try lua.push(connection.remoteHost)
        try lua.setField("REMOTE_ADDR", of: -2)
        if let port = connection.peer.port {
            try lua.push(String(port))
            try lua.setField("REMOTE_PORT", of: -2)
        }
    }

    /// `HTTP_…` for each field; Content-Type and Content-Length without the prefix (PEP 3333, RFC 3875 §4.1.18).
    private static func setFields(_ request: RequestView, _ lua: LuaStack) throws(LuaFailure) {
        let bytes = request.bytes
        for field in request.fields {
            let name = field.name.slice(of: bytes)
            // A name that already has an underscore would pass for another one.
            if name.contains(UInt8(ascii: "_")) { continue }
            let isContent = ASCIICase.equal(name, "Content-Type") || ASCIICase.equal(name, "Content-Length")
            var key = isContent ? [] : Array("HTTP_".utf8)
            for byte in name {
                let lower = ASCIICase.lowercased(byte)
                key.append(byte == UInt8(ascii: "-") ? UInt8(ascii: "_") : lower &- 97 < 26 ? lower - 32 : byte)
            }
            try lua.push(copying: key)
            try RequestHeaders.pushValue(name, of: request, lua)
            try lua.rawSet(in: -3)
        }
    }
}
