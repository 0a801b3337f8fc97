import CCurl
import Glibc

/// One of libcurl's easy handles, used for one transfer after the other (libcurl-easy(3)).
///
/// Loop thread only.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    /// The exchange whose transfer it carries; keeps that alive while it is under way.
    var exchange: Exchange? {
        didSet { uncountedExchange = exchange.map(Unmanaged.passUnretained) }
    }
    /// The same, for callbacks, which are many.
    /// Safety: `exchange` holds it.
    private(set) var uncountedExchange: Unmanaged<Exchange>?
    /// The WebSocket that it connects for, in place of an exchange.
    var transport: WebSocketTransport?
    /// The multi whose sockets it opens.
    unowned let client: HTTPClient
    /// The multi is to let its transfer go on.
    var isResuming = false
    /// The last socket that its transfer waited for; -1 when it has not waited yet.
    var socket = -1
    /// What it is configured for; nil when that is unknown.
    private var settings: ClientSettings?
    /// Set for the last transfer, and to be taken back before the next.
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var ownsHeaders = false
    private var form: OpaquePointer?
    private var hasMethod = false
    private var hasBody = false
    private var hasCookies = false
    private var sharesConnection = false
    /// What libcurl was given; it does not copy it before the transfer begins.
    private var parsedURL: ParsedURL?
    private let errorText: UnsafeMutablePointer<CChar>

    init(_ client: HTTPClient) {
        self.client = client
        guard let pointer = ccurl_easy_init() else { fatalError("out of memory") }
        self.pointer = pointer
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        ccurl_easy_cleanup(pointer)
        freeHeaders()
        freeForm()
        errorText.deallocate()
    }

    /// The handle that libcurl names.
    static func of(_ easy: UnsafeMutableRawPointer) -> EasyHandle? {
        guard let context = ccurl_get_private(easy) else { return nil }
        // Safety: set in `configure` to a handle that lives as long as its pointer.
        return Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
    }

    // MARK: Setting

    func set(_ option: CURLoption, _ value: Int) { ccurl_set_long(pointer, option, value) }

    func set(_ option: CURLoption, _ value: Bool) { ccurl_set_long(pointer, option, value ? 1 : 0) }

    func set(_ option: CURLoption, _ text: String?) { ccurl_set_text(pointer, option, text) }

    /// Makes the handle ready for a transfer with these settings; nothing to do when it was the last time.
    func configure(_ settings: ClientSettings) {
        if self.settings === settings { return }
        ccurl_easy_reset(pointer)
        self.settings = settings
        parsedURL = nil
        sharesConnection = false
        // Safety: the handle outlives what libcurl does with its pointer.
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_pointer(pointer, CURLOPT_PRIVATE, context)
        ccurl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
        set(CURLOPT_NOSIGNAL, 1)
        // A name that is still being resolved must not hold up the loop when its transfer is given up.
        set(CURLOPT_QUICK_EXIT, 1)
        TransferCallbacks.install(on: self, context: context)
        settings.apply(to: self)
    }

    /// Takes back what was set for one transfer: a body may be large.
    func takeBack() {
        if hasBody || hasMethod {
            // Before the method: setting a body, even to nothing, makes the method POST.
            if hasBody { ccurl_set_pointer(pointer, CURLOPT_POSTFIELDS, nil) }
            if form != nil { ccurl_set_pointer(pointer, CURLOPT_MIMEPOST, nil) }
            set(CURLOPT_HTTPGET, 1)
            set(CURLOPT_CUSTOMREQUEST, nil)
            hasBody = false
            hasMethod = false
        }
        if hasCookies {
            set(CURLOPT_COOKIE, nil)
            hasCookies = false
        }
        freeForm()
        if headers != nil {
            ccurl_set_pointer(pointer, CURLOPT_HTTPHEADER, nil)
            freeHeaders()
        }
        errorText[0] = 0
        socket = -1
    }

    private func freeHeaders() {
        if ownsHeaders { ccurl_slist_free_all(headers) }
        headers = nil
        ownsHeaders = false
    }

    private func freeForm() {
        if let form { ccurl_mime_free(form) }
        form = nil
    }

    /// - Parameter isShared: the list belongs to the client, and outlives the transfer.
    func setHeaders(_ list: UnsafeMutablePointer<curl_slist>?, isShared: Bool) {
        headers = list
        ownsHeaders = !isShared
        ccurl_set_pointer(pointer, CURLOPT_HTTPHEADER, list)
    }

    /// Rather a stream of a connection that is being made than a connection of its own. Where the first response tells
    /// whether there are streams, as it does without TLS, that would be to wait for another's response.
    func shareConnection(_ url: String, _ version: HTTPVersion) {
        let shares = version == .http2 || version == .automatic && RequestURL.isSecure(url)
        if shares == sharesConnection { return }
        sharesConnection = shares
        set(CURLOPT_PIPEWAIT, shares)
    }

    /// What is asked for, and how libcurl reads it, if that is known: then it need not.
    func setURL(_ url: String, _ parsed: ParsedURL?) {
        if let parsed, parsed === parsedURL { return }
        set(CURLOPT_URL, url)
        guard parsed !== parsedURL else { return }
        parsedURL = parsed
        ccurl_set_pointer(pointer, CURLOPT_CURLU, parsed.map { UnsafeRawPointer($0.pointer) })
    }

    /// Cookies beside the jar's.
    func setCookies(_ text: String) {
        hasCookies = true
        set(CURLOPT_COOKIE, text)
    }

    /// Sets the method and, for methods that have one, the body.
    func setMethod(_ method: String, _ upload: Upload) {
        if upload.isNone {
            switch method {
            case "GET": return
            case "HEAD": set(CURLOPT_NOBODY, 1)
            case "POST": setBytes([])
            case "PUT", "PATCH":
                // Says that there is no body (RFC 9110 §8.6).
                setBytes([])
                set(CURLOPT_CUSTOMREQUEST, method)
            default: set(CURLOPT_CUSTOMREQUEST, method)
            }
            hasMethod = true
            return
        }
        hasMethod = true
        hasBody = true
        switch upload {
        case .none: break
        case .bytes(let bytes): setBytes(bytes)
        case .parts(let parts): form = Multipart.make(parts, on: self)
        case .stream(let stream):
            set(CURLOPT_UPLOAD, 1)
            ccurl_set_offset(pointer, CURLOPT_INFILESIZE_LARGE, stream.length ?? -1)
        }
        set(CURLOPT_CUSTOMREQUEST, method == "POST" && !upload.isStream ? nil : method)
    }

    private func setBytes(_ bytes: [UInt8]) {
        hasBody = true
        set(CURLOPT_POST, 1)
        ccurl_set_offset(pointer, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
        // Copied by libcurl (CURLOPT_COPYPOSTFIELDS), so nothing has to stay where it is.
        bytes.withUnsafeBytes { _ = ccurl_set_pointer(pointer, CURLOPT_COPYPOSTFIELDS, $0.baseAddress ?? Self.nothing) }
    }

    // Safety: never written, never freed.
    nonisolated(unsafe) private static let nothing: UnsafeRawPointer = UnsafeRawPointer(
        UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))

    // MARK: Asking

    func long(_ info: CURLINFO) -> Int { ccurl_get_long(pointer, info) }

    func offset(_ info: CURLINFO) -> Int { Int(ccurl_get_offset(pointer, info)) }

    func text(_ info: CURLINFO) -> String? { ccurl_get_text(pointer, info).map { String(cString: $0) } }

    /// What libcurl says about a failed transfer.
    func message(_ code: CURLcode) -> String {
        if errorText[0] == 0 { return String(cString: ccurl_easy_strerror(code)) }
        return ProxySettings.withoutURL(String(cString: errorText))
    }
}
