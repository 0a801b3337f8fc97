import EventLoop

/// The HTTP client for Swift code: the one that scripts have, with `async` methods.
///
/// ```swift
/// let http = try GreenHttp(on: loop)
/// let response = try await http.get("https://example.org/users", query: [("page", "2")])
/// print(response.status, response.headers["content-type"] ?? "", response.text)
/// ```
///
/// Requests run on the loop, which must run, and share connections and cookies; any thread may make them. Cancelling
/// the task of a request gives the request up, and frees its connection.
public final class GreenHttp: Sendable {
    /// Where requests run.
    public let loop: EventLoop
    let core: ClientCore

    /// A client with connections and cookies of its own. Any thread.
    /// - Parameters:
    ///   - loop: where its requests run.
    ///   - options: how requests are made, where a request does not say otherwise.
    ///   - limits: how many connections it may have.
    ///   - baseURL: what relative URLs are relative to. A user and password in it count for its origin alone.
    ///   - headers: fields of every request.
    /// - Throws: `.invalid` for headers or a base URL that cannot be sent, or when libcurl cannot be loaded.
    public init(
        on loop: EventLoop, options: HTTPOptions = HTTPOptions(), limits: ConnectionLimits = ConnectionLimits(),
        baseURL: String? = nil, headers: [(name: String, value: String)] = []
    ) throws(HTTPClientError) {
        if let problem = CurlLibrary.problem {
            throw HTTPClientError(.invalid, "GreenHttp needs libcurl.so.4: \(problem)")
        }
        for field in headers {
            if let fault = HeaderList.fault((field.name, field.value)) { throw HTTPClientError(.invalid, fault) }
        }
        var base: BaseURL?
        if let baseURL { base = try BaseURL(Array(baseURL.utf8).withUnsafeBytes(RequestURL.encode)) }
        self.loop = loop
        core = ClientCore(loop, options, limits, base, headers.map { ($0.name, $0.value) })
    }

    deinit { close() }

    /// Gives up the requests under way, and closes the connections. Later requests throw `.cancelled`. Any thread.
    public func close() { loop.execute { [core] in core.close() } }

    /// Writes the cookies to a Netscape cookie file, which only its owner may read. Any thread.
    /// - Throws: `.invalid` when the file cannot be written.
    public func saveCookies(to path: String) async throws(HTTPClientError) {
        guard await core.onLoop({ $0?.cookies.save(path) ?? false }) else {
            throw HTTPClientError(.invalid, "cookies cannot be written to \(path)")
        }
    }

    /// Adds the cookies of a Netscape cookie file. Any thread.
    /// - Throws: `.invalid` when the file cannot be read.
    public func loadCookies(from path: String) async throws(HTTPClientError) {
        let fault = await core.onLoop { client -> String? in
            guard let client else { return "the client is closed" }
            do throws(SmallFile.Fault) { try client.cookies.load(path) } catch { return error.message }
            return nil
        }
        if let fault { throw HTTPClientError(.invalid, "cookies cannot be read from \(path): \(fault)") }
    }

    /// Drops all cookies. Any thread.
    public func clearCookies() async { await core.onLoop { $0?.cookies.clear() } }
}

/// The part of a client that stays on the loop.
// Safety: all but `loop` and the constants is touched on the loop's thread only; others pass it on.
final class ClientCore: @unchecked Sendable {
    let loop: EventLoop
    private let options: HTTPOptions
    private let limits: ConnectionLimits
    private let base: BaseURL?
    private let headers: [HeaderList.Field]
    private var made: HTTPClient?
    private var isClosed = false
    private var calls: [ObjectIdentifier: SwiftCall] = [:]

    init(
        _ loop: EventLoop, _ options: HTTPOptions, _ limits: ConnectionLimits, _ base: BaseURL?,
        _ headers: [HeaderList.Field]
    ) {
        self.loop = loop
        self.options = options
        self.limits = limits
        self.base = base
        self.headers = headers
    }

    /// The client, made when first asked for; nil once closed. Loop thread.
    var client: HTTPClient? {
        if isClosed { return nil }
        if let made { return made }
        let client = HTTPClient(
            loop, ClientSettings(options), limits: limits, base: base, headers: headers, census: ClientCensus())
        made = client
        return client
    }

    /// Runs a body on the loop, with the client.
    func onLoop<T: Sendable>(_ body: @escaping @Sendable (HTTPClient?) -> T) async -> T {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: body(self.client)) }
        }
    }

    func close() {
        isClosed = true
        for call in Array(calls.values) { call.abandon() }
        calls = [:]
        made?.dropSockets()
        made?.close()
        made = nil
    }

    func began(_ call: SwiftCall) { calls[ObjectIdentifier(call)] = call }

    func ended(_ call: SwiftCall) { calls[ObjectIdentifier(call)] = nil }
}
