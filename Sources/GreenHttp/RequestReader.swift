import Green
import LuaRuntime

/// Reads what `http.lua` hands to `send`.
///
/// Arguments: 1 client, 2 method, 3 URL, 4 query (encoded, what is to be added to the URL's), 5 headers (flat list of
/// names and values; false takes one out), 6 body (nil, a string, a function, or a list of parts), 7 options, 8 whether
/// to stream (a string: but keep the limit of what is collected), 9 cookies, 10 how many bytes a body function will give.
struct RequestReader {
    let lua: LuaStack
    let client: HTTPClient

    /// What is wrong with an argument, as kind and message.
    func read() throws(HTTPClientError) -> (ClientRequest, ClientSettings) {
        let request = ClientRequest(method: try method(), url: try url())
        let user = try RequestURL.takeUser(from: &request.url)
        var settings = client.settings(for: request.url)
        if let user {
            settings = ClientSettings(settings)
            settings.authentication = user
        }
        if lua.type(at: 7) == .table {
            var reader = SettingsReader(lua, base: settings, allowsFiles: HTTPRoom.of(lua).allowsFiles)
            do { try reader.read(at: 7) } catch { throw HTTPClientError(.invalid, error.message) }
            if reader.hasChanges { settings = reader.settings }
        }
        if !lua.isNil(at: 5) {
            let changes: [HeaderList.Field]
            do { changes = try Self.headers(lua, at: 5) } catch { throw HTTPClientError(.invalid, error.message) }
            request.headers = HeaderList.merged(client.headers, changes)
        }
        request.upload = try upload()
        if request.method == "HEAD", !request.upload.isNone {
            throw HTTPClientError(.invalid, "HEAD: give no data, json or files: a HEAD has no body")
        }
        request.isStreamed = lua.boolean(at: 8)
        if request.isStreamed, lua.type(at: 8) == .boolean, settings.sizes.body == SizeLimits().body {
            // The limit is for what is collected in memory.
            settings = ClientSettings(settings)
            settings.sizes.body = nil
        }
        if let cookies = lua.string(at: 9) {
            if cookies.utf8.contains(where: { $0 < 32 }) {
                throw HTTPClientError(.invalid, "cookies: a control character is in them")
            }
            request.cookies = cookies
        }
        request.gatherCookies(client)
        return (request, settings)
    }

    private func method() throws(HTTPClientError) -> String {
        guard let method = lua.string(at: 2), HeaderList.isToken(method) else {
            throw HTTPClientError(.invalid, "method '\(lua.description(of: 2))': expected a word, as in \"GET\"")
        }
        if method == "CONNECT" {
            throw HTTPClientError(
                .invalid, "method 'CONNECT': tunnels are made by themselves, where a proxy needs them")
        }
        return method
    }

    private func url() throws(HTTPClientError) -> String {
        guard lua.type(at: 3) == .string, let bytes = lua.bytes(at: 3) else {
            throw HTTPClientError(.invalid, "URL: string expected, got \(lua.typeName(at: 3))")
        }
        return try RequestURL.read(bytes, base: client.base?.url, query: lua.string(at: 4) ?? "")
    }

    /// Bytes of all header fields together; what servers take is far less.
    static let mostHeaders = 256 << 10

    /// A flat list of names and values, as header fields.
    static func headers(_ lua: LuaStack, at index: Int32) throws(SettingsReader.Fault) -> [HeaderList.Field] {
        guard lua.type(at: index) == .table else { return [] }
        var list: [HeaderList.Field] = []
        var length = 0
        for position in stride(from: 1, to: lua.rawLength(of: index), by: 2) {
            lua.pushRaw(index: position, of: index)
            lua.pushRaw(index: position + 1, of: index)
            defer { lua.pop(2) }
            length += (lua.bytes(at: -2)?.count ?? 0) + (lua.bytes(at: -1)?.count ?? 0)
            if length > mostHeaders { throw SettingsReader.Fault(message: "headers: they are larger than 256 KiB") }
            let field = (name: lua.string(at: -2) ?? "", value: lua.string(at: -1))
            if let fault = HeaderList.fault(field) { throw SettingsReader.Fault(message: fault) }
            if let value = field.value, value.utf8.count != lua.bytes(at: -1)?.count {
                throw SettingsReader.Fault(message: "header \(field.name): its value is no UTF-8")
            }
            list.append(field)
        }
        return list
    }

    /// A flat list of names and values, form-encoded: "a=1&b=2"; nil when that is more than the memory limit allows.
    static func form(_ lua: LuaStack, at index: Int32) -> [UInt8]? {
        var text: [UInt8] = []
        guard lua.type(at: index) == .table else { return text }
        for position in 1...max(1, lua.rawLength(of: index)) {
            guard lua.hasRoom(for: text.count) else { return nil }
            lua.pushRaw(index: position, of: index)
            defer { lua.pop() }
            guard let bytes = lua.bytes(at: -1) else { continue }
            if position > 1 { text.append(UInt8(ascii: position.isMultiple(of: 2) ? "=" : "&")) }
            FormEncoding.append(bytes, to: &text)
        }
        return text
    }

    private func upload() throws(HTTPClientError) -> Upload {
        switch lua.type(at: 6) {
        case .none, .nil: return .none
        case .string: return .bytes(lua.bytes(at: 6).map(Array.init) ?? [])
        case .function: return .stream(UploadStream(length: lua.integer(at: 10)))
        case .table: return .parts(try parts())
        default:
            throw HTTPClientError(.invalid, "body: a string, function or table expected, got \(lua.typeName(at: 6))")
        }
    }

    /// Each part: `{name, content, path, filename, type}` by position; content or path is false.
    private func parts() throws(HTTPClientError) -> [Multipart.Part] {
        var parts: [Multipart.Part] = []
        var length = 0
        for position in 0..<lua.rawLength(of: 6) {
            lua.pushRaw(index: position + 1, of: 6)
            defer { lua.pop() }
            func text(_ field: Int) -> String? {
                lua.pushRaw(index: field, of: -1)
                defer { lua.pop() }
                return lua.string(at: -1)
            }
            let content: Multipart.Part.Content
            if let path = text(3) {
                guard HTTPRoom.of(lua).allowsFiles else {
                    throw HTTPClientError(.invalid, "files: this host lets no script name files")
                }
                if let fault = SmallFile.fault(path) {
                    throw HTTPClientError(.upload, "files: \(path): \(fault)")
                }
                content = .file(path)
            } else {
                lua.pushRaw(index: 2, of: -1)
                length += lua.bytes(at: -1)?.count ?? 0
                if length > lua.mostCopied {
                    throw HTTPClientError(
                        .invalid, "files: they are larger than 64 MiB (where memory is limited, name a path instead)")
                }
                content = .bytes(lua.bytes(at: -1).map(Array.init) ?? [])
                lua.pop()
            }
            parts.append(Multipart.Part(name: text(1) ?? "", content: content, filename: text(4), type: text(5)))
        }
        return parts
    }
}
