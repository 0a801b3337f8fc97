/// The verbs. Each answers the response, whatever its status, and throws `HTTPClientError` when there is none.
extension GreenHttp {
    /// A GET.
    /// - Parameters:
    ///   - query: pairs appended to the URL's query, encoded.
    ///   - headers: in place of, and beside, the client's; a nil value takes one out.
    ///   - options: in place of the client's; nil for those.
    public func get(
        _ url: String, query: [(String, String)] = [], headers: [(name: String, value: String?)] = [],
        options: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await request("GET", url, query: query, headers: headers, options: options)
    }

    /// A HEAD: what a GET would answer, without the body.
    public func head(
        _ url: String, query: [(String, String)] = [], headers: [(name: String, value: String?)] = [],
        options: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await request("HEAD", url, query: query, headers: headers, options: options)
    }

    /// A POST.
    public func post(
        _ url: String, _ body: HTTPBody = .none, headers: [(name: String, value: String?)] = [],
        options: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await request("POST", url, headers: headers, body: body, options: options)
    }

    /// A PUT.
    public func put(
        _ url: String, _ body: HTTPBody = .none, headers: [(name: String, value: String?)] = [],
        options: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await request("PUT", url, headers: headers, body: body, options: options)
    }

    /// A PATCH.
    public func patch(
        _ url: String, _ body: HTTPBody = .none, headers: [(name: String, value: String?)] = [],
        options: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await request("PATCH", url, headers: headers, body: body, options: options)
    }

    /// A DELETE.
    public func delete(
        _ url: String, _ body: HTTPBody = .none, headers: [(name: String, value: String?)] = [],
        options: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await request("DELETE", url, headers: headers, body: body, options: options)
    }

    /// A request with any method, its response collected. Cancelling the task gives it up.
    public func request(
        _ method: String, _ url: String, query: [(String, String)] = [],
        headers: [(name: String, value: String?)] = [], body: HTTPBody = .none, options: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> HTTPResponse {
        let call = SwiftCall(core, Asked(method, url, query, headers, body, options, isStreamed: false))
        return try await call.perform().response
    }

    /// A request whose response's body is read while it comes. Answers once the head is there.
    public func stream(
        _ method: String = "GET", _ url: String, query: [(String, String)] = [],
        headers: [(name: String, value: String?)] = [], body: HTTPBody = .none, options: HTTPOptions? = nil
    ) async throws(HTTPClientError) -> HTTPResponseStream {
        let call = SwiftCall(core, Asked(method, url, query, headers, body, options, isStreamed: true))
        return HTTPResponseStream(try await call.perform().response, call)
    }
}

/// What a Swift caller asked for.
struct Asked: Sendable {
    var method: String
    var url: String
    var query: [(String, String)]
    var headers: [(name: String, value: String?)]
    var body: HTTPBody
    var options: HTTPOptions?
    var isStreamed: Bool

    init(
        _ method: String, _ url: String, _ query: [(String, String)], _ headers: [(name: String, value: String?)],
        _ body: HTTPBody, _ options: HTTPOptions?, isStreamed: Bool
    ) {
        self.method = method
        self.url = url
        self.query = query
        self.headers = headers
        self.body = body
        self.options = options
        self.isStreamed = isStreamed
    }

    /// The request of a client, and how it is made.
    func request(of client: HTTPClient) throws(HTTPClientError) -> (ClientRequest, ClientSettings) {
        guard HeaderList.isToken(method), method != "CONNECT" else {
            throw HTTPClientError(.invalid, "method '\(method)': expected a word, as in \"GET\"")
        }
        let asked = try RequestURL.read(Array(url.utf8), base: client.base?.url, query: FormEncoding.encode(query))
        let request = ClientRequest(method: method, url: asked)
        let user = try RequestURL.takeUser(from: &request.url)
        var changes = headers
        if let type = body.contentType, !headers.contains(where: { HeaderList.isSame($0.name, "content-type") }) {
            changes.append(("Content-Type", type))
        }
        for change in changes {
            if let fault = HeaderList.fault(change) {
                throw HTTPClientError(.invalid, fault)
            }
        }
        if !changes.isEmpty { request.headers = HeaderList.merged(client.headers, changes) }
        request.gatherCookies(client)
        request.upload = body.upload
        request.isStreamed = isStreamed
        if let fault = Multipart.fault(request.upload) { throw HTTPClientError(.invalid, fault) }
        var settings = options.map { ClientSettings($0) } ?? client.settings(for: request.url)
        if let user, options?.authentication == nil {
            settings = ClientSettings(settings)
            settings.authentication = user
        } else if settings.authentication == nil, let user = client.base?.authentication(for: request.url) {
            settings = ClientSettings(settings)
            settings.authentication = user
        }
        if let fault = settings.fault { throw HTTPClientError(.invalid, fault) }
        if isStreamed, settings.sizes.body == SizeLimits().body {
            // The limit is for what is collected in memory.
            settings = ClientSettings(settings)
            settings.sizes.body = nil
        }
        return (request, settings)
    }
}
