import Green
import LuaRuntime

/// Reads what `http.lua` hands to `send`.
///
/// Arguments: 1 client, 2 method, 3 URL, 4 query (flat list of names and values), 5 headers (the same; false takes one
/// out), 6 body (nil, a string, a function, or a list of parts), 7 options, 8 whether to stream (a
/// string: but keep the limit of what is collected), 9 cookies.
struct RequestReader {
    let lua: LuaStack
    let client: HTTPClient

    /// What is wrong with an argument, as kind and message.
    func read() throws(HTTPClientError) -> (ClientRequest, ClientSettings) {
        guard let method = lua.string(at: 2), isToken(method) else {
            throw HTTPClientError(.invalid, "method '\(lua.string(at: 2) ?? "")': expected letters, as in \"GET\"")
        }
        guard let text = lua.string(at: 3), let bytes = lua.bytes(at: 3), !bytes.contains(0) else {
            throw HTTPClientError(.invalid, "URL: a string without NUL expected, got \(lua.typeName(at: 3))")
        }
        var settings = client.settings
        if lua.type(at: 7) == .table {
            var reader = SettingsReader(lua, base: settings, allowsFiles: HTTPRoom.of(lua).allowsFiles)
            do { try reader.read(at: 7) } catch { throw HTTPClientError(.invalid, error.message) }
            if reader.hasChanges { settings = reader.settings }
        }
        var request = ClientRequest(method: method, url: text)
        let query = lua.isNil(at: 4) ? [] : pairs(at: 4)
        if client.base != nil || !query.isEmpty {
            request.url = try RequestURL.make(text, base: client.base, query: query)
        }
        if !lua.isNil(at: 5) {
            let changes = Self.headers(lua, at: 5)
            for change in changes {
                if let fault = HeaderList.fault((change.name, change.value ?? "")) {
                    throw HTTPClientError(.invalid, fault)
                }
            }
            request.headers = HeaderList.merged(client.headers, changes)
        }
        request.upload = try upload()
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
        return (request, settings)
    }

    private func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 64 && $0 < 91 || $0 > 96 && $0 < 123 || $0 == 45 || $0 == 95 }
    }

    /// A flat list of names and values.
    static func headers(_ lua: LuaStack, at index: Int32) -> [(name: String, value: String?)] {
        guard lua.type(at: index) == .table else { return [] }
        var list: [(name: String, value: String?)] = []
        for position in stride(from: 1, to: lua.rawLength(of: index), by: 2) {
            lua.pushRaw(index: position, of: index)
            lua.pushRaw(index: position + 1, of: index)
            list.append((lua.string(at: -2) ?? "", lua.string(at: -1)))
            lua.pop(2)
        }
        return list
    }

    private func pairs(at index: Int32) -> [(String, String)] {
        Self.headers(lua, at: index).map { ($0.name, $0.value ?? "") }
    }

    private func upload() throws(HTTPClientError) -> Upload {
        switch lua.type(at: 6) {
        case .none, .nil: return .none
        case .string: return .bytes(lua.bytes(at: 6).map(Array.init) ?? [])
        case .function: return .stream(UploadStream())
        case .table: return .parts(try parts())
        default:
            throw HTTPClientError(.invalid, "body: a string, function or table expected, got \(lua.typeName(at: 6))")
        }
    }

    /// Each part: `{name, content, path, filename, type}` by position; content or path is false.
    private func parts() throws(HTTPClientError) -> [Multipart.Part] {
        var parts: [Multipart.Part] = []
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
                guard SmallFile.isReadable(path) else {
                    throw HTTPClientError(.upload, "files: \(path): \(SmallFile.lastError)")
                }
                content = .file(path)
            } else {
                lua.pushRaw(index: 2, of: -1)
                content = .bytes(lua.bytes(at: -1).map(Array.init) ?? [])
                lua.pop()
            }
            parts.append(Multipart.Part(name: text(1) ?? "", content: content, filename: text(4), type: text(5)))
        }
        return parts
    }
}
