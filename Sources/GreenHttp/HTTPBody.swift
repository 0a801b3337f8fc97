/// The body of a request from Swift.
public enum HTTPBody: Sendable {
    /// One part of a `multipart/form-data` body (RFC 7578).
    public struct Part: Sendable {
        /// Where a part's content is.
        public enum Content: Sendable {
            /// Here.
            case bytes([UInt8])
            /// In a file, which is read while it is sent.
            case file(path: String)
        }

        /// The field's name.
        public var name: String
        /// What it holds.
        public var content: Content
        /// How the file is called; nil for a plain field, and for the file's own name.
        public var filename: String?
        /// Its media type.
        public var type: String?

        /// A part.
        public init(name: String, _ content: Content, filename: String? = nil, type: String? = nil) {
            self.name = name
            self.content = content
            self.filename = filename
            self.type = type
        }
    }

    /// No body.
    case none
    /// These bytes.
    case bytes([UInt8], type: String? = nil)
    /// A text, as UTF-8.
    case text(String, type: String = "text/plain; charset=utf-8")
    /// Pairs as `application/x-www-form-urlencoded`.
    case form([(String, String)])
    /// Parts as `multipart/form-data`.
    case multipart([Part])
    /// What a function gives, piece by piece, until it gives nil. It is asked for more only as fast as the server
    /// takes it; what it throws ends the request. length: how many bytes in all, where that is known.
    case stream(length: Int? = nil, next: @Sendable () async throws -> [UInt8]?)

    var contentType: String? {
        switch self {
        case .bytes(_, let type): type
        case .text(_, let type): type
        case .form: "application/x-www-form-urlencoded"
        default: nil
        }
    }

    var upload: Upload {
        switch self {
        case .none: .none
        case .bytes(let bytes, _): .bytes(bytes)
        case .text(let text, _): .bytes(Array(text.utf8))
        case .form(let pairs): .bytes(Array(FormEncoding.encode(pairs).utf8))
        case .multipart(let parts): .parts(parts.map(Self.part))
        case .stream(let length, _): .stream(UploadStream(length: length))
        }
    }

    private static func part(_ part: Part) -> Multipart.Part {
        switch part.content {
        case .bytes(let bytes):
            Multipart.Part(name: part.name, content: .bytes(bytes), filename: part.filename, type: part.type)
        case .file(let path):
            Multipart.Part(name: part.name, content: .file(path), filename: part.filename, type: part.type)
        }
    }
}
