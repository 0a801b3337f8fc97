import CCurl

/// A body of several parts, `multipart/form-data` (RFC 7578), made by libcurl, which reads files while it sends them.
enum Multipart {
    struct Part {
        enum Content {
            case bytes([UInt8])
            /// A file's path.
            case file(String)
        }

        var name: String
        var content: Content
        var filename: String?
        var type: String?
    }

    /// What is wrong with a body's parts: libcurl puts types into their heads as they are.
    static func fault(_ upload: Upload) -> String? {
        guard case .parts(let parts) = upload else { return nil }
        for part in parts {
            let texts = [part.name, part.filename ?? "", part.type ?? ""]
            if texts.contains(where: { $0.utf8.contains { $0 < 0x20 || $0 == 0x7F } }) {
                return "part '\(part.name)': a control character is in its name, filename or type"
            }
            if case .file(let path) = part.content, SmallFile.mayBlock(path) {
                return "part '\(part.name)': \(path): it is no plain file"
            }
        }
        return nil
    }

    static func make(_ parts: [Part], on handle: EasyHandle) -> OpaquePointer? {
        guard let form = ccurl_mime_init(handle.pointer) else { return nil }
        for part in parts {
            guard let made = ccurl_mime_addpart(form) else { continue }
            ccurl_mime_name(made, part.name)
            switch part.content {
            case .bytes(let bytes):
                _ = bytes.withUnsafeBytes { raw in
                    raw.withMemoryRebound(to: CChar.self) { ccurl_mime_data(made, $0.baseAddress, $0.count) }
                }
            case .file(let path): ccurl_mime_filedata(made, path)
            }
            if let filename = part.filename { ccurl_mime_filename(made, filename) }
            if let type = part.type { ccurl_mime_type(made, type) }
        }
        ccurl_set_pointer(handle.pointer, CURLOPT_MIMEPOST, UnsafeRawPointer(form))
        return form
    }

    // MARK: Without libcurl

    /// One that no part can have guessed.
    static func boundary() -> String {
        let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return "greenhouse-" + String((0..<24).map { _ in digits[Int.random(in: 0..<digits.count)] })
    }

    /// The whole body in memory, with names escaped as browsers do (HTML Standard §4.10.21.8).
    static func encode(_ parts: [Part], boundary: String) throws(HTTPClientError) -> [UInt8] {
        var text: [UInt8] = []
        for part in parts {
            var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(escaped(part.name))\""
            if let filename = part.filename { head += "; filename=\"\(escaped(filename))\"" }
            let type = part.type ?? (part.filename == nil ? nil : "application/octet-stream")
            if let type { head += "\r\nContent-Type: \(type)" }
            text += Array("\(head)\r\n\r\n".utf8)
            switch part.content {
            case .bytes(let bytes): text += bytes
            case .file(let path):
                do throws(SmallFile.Fault) { text += try SmallFile.read(path) } catch {
                    throw HTTPClientError(.upload, "files: \(path): \(error.message)")
                }
            }
            text += [13, 10]
        }
        return text + Array("--\(boundary)--\r\n".utf8)
    }

    private static func escaped(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "\"": result += "%22"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
