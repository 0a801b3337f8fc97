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
}
