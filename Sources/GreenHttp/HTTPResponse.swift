import HTTPWire

/// A response, as Swift has it.
public struct HTTPResponse: Sendable {
    /// 200, 404, …
    public let status: Int
    /// What the status line said behind it; empty in HTTP/2.
    public let reason: String
    /// The URL that answered, after redirects, without user and password.
    public let url: String
    /// "1.0", "1.1" or "2".
    public let version: String
    /// The header, and behind it the trailer.
    public let headers: HTTPHeaders
    /// The body, unpacked; empty for a streamed response.
    public let body: [UInt8]
    /// The connection had served before.
    public let isReused: Bool
    /// From the request to the end of the response.
    public let elapsed: Duration
    /// The redirecting responses on the way, the first one first; their bodies are not kept.
    public let history: [HTTPResponse]

    /// Whether the status is below 400.
    public var isOK: Bool { status < 400 }

    /// The body as UTF-8; what is none is repaired.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The response itself.
    /// - Throws: `.status` when the status is 400 or more.
    @discardableResult
    public func requireOK() throws(HTTPClientError) -> HTTPResponse {
        if isOK { return self }
        throw HTTPClientError(.status, "\(url): \(status) \(reason)")
    }

    init(_ response: ClientResponse) {
        status = response.status
        reason = response.reason
        url = response.url
        version = response.facts.version
        isReused = response.facts.isReused
        elapsed = .seconds(response.facts.total)
        history = response.history.map(HTTPResponse.init)
        var fields: [(name: String, value: String)] = []
        response.forEachField { name, value in
            fields.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
        }
        headers = HTTPHeaders(fields)
        body = Array(response.body.readableBytes)
    }
}

/// Header fields in the order they came; names in any case.
public struct HTTPHeaders: Sendable, Sequence {
    /// Every field.
    public let fields: [(name: String, value: String)]

    init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    /// The values of a name joined with ", " (RFC 9110 §5.3); nil without one. Of `Set-Cookie`, which cannot be joined,
    /// the first.
    public subscript(name: String) -> String? {
        let all = values(of: name)
        if all.isEmpty { return nil }
        return HeaderList.isSame(name, "set-cookie") ? all[0] : all.joined(separator: ", ")
    }

    /// All values of a name, in order.
    public func values(of name: String) -> [String] {
        fields.filter { HeaderList.isSame($0.name, name) }.map(\.value)
    }

    /// The fields, one after the other.
    public func makeIterator() -> IndexingIterator<[(name: String, value: String)]> { fields.makeIterator() }
}
