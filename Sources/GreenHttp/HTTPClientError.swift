import CCurl

/// Why a request got no response.
public struct HTTPClientError: Error, Sendable, CustomStringConvertible {
    /// What went wrong.
    public enum Kind: String, Sendable {
        /// The URL, or an option, is wrong.
        case invalid
        /// The name could not be resolved.
        case dns
        /// No connection could be made.
        case connect
        /// A TLS handshake failed: the certificate, as a rule.
        case tls
        /// The proxy could not, or would not.
        case proxy
        /// Total, connect or read time was over.
        case timeout
        /// The connection broke before the response was whole.
        case connection
        /// What came is no HTTP.
        case protocolError = "protocol"
        /// The body's compression is broken.
        case decode
        /// The response, or its header, is larger than allowed.
        case tooLarge = "too_large"
        /// More redirects than allowed, or in a way that cannot be followed.
        case redirect
        /// The request's body could not be read, or not a second time.
        case upload
        /// The status is an error, and the caller wanted none.
        case status
        /// The server did not open a WebSocket.
        case handshake
        /// Given up by its maker.
        case cancelled
        /// The memory of the Lua state does not suffice.
        case memory
    }

    /// What went wrong.
    public let kind: Kind
    /// One line, with the method and the URL.
    public let message: String

    /// What the server answered in place of opening a WebSocket; nil for errors of other kinds.
    public let status: Int?

    /// The message.
    public var description: String { message }

    init(_ kind: Kind, _ message: String, status: Int? = nil) {
        self.kind = kind
        self.status = status
        self.message = VisibleText.of(message)
    }

    /// "2 s", "0.25 s".
    static func seconds(_ nanoseconds: Int64) -> String {
        let text = "\(Double(nanoseconds) / 1e9)"
        return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + " s"
    }

    /// What libcurl says, with a better word for what it tells apart only by its text.
    init(_ code: CURLcode, _ text: String, _ subject: String, headIsWhole: Bool, isHeldBack: Bool, wasSent: Bool) {
        switch code {
        case CURLE_OUT_OF_MEMORY where !headIsWhole:
            // The most that it takes of one line, CURL_MAX_HTTP_HEADER.
            self.init(.tooLarge, "\(subject): a field of the response's header has more than 100 KiB")
        case CURLE_UNSUPPORTED_PROTOCOL where !wasSent: self.init(.invalid, "\(subject): \(text)")
        case CURLE_OUT_OF_MEMORY where isHeldBack:
            // The most that it keeps while nobody reads, DYN_PAUSE_BUFFER.
            self.init(.tooLarge, "\(subject): the response's body unpacks to more than 64 MiB at once (max_ratio)")
        case CURLE_RECV_ERROR where text.contains("Too large response headers"):
            self.init(.tooLarge, "\(subject): the response's header has more than 300 KiB")
        case CURLE_RECV_ERROR where text.contains("chunked-encoding"):
            self.init(.protocolError, "\(subject): \(text)")
        default: self.init(Self.kind(of: code), "\(subject): \(text)")
        }
    }

    /// What libcurl's code says (libcurl-errors(3)).
    private static func kind(of code: CURLcode) -> Kind {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNKNOWN_OPTION, CURLE_BAD_FUNCTION_ARGUMENT,
            CURLE_INTERFACE_FAILED:
            .invalid
        case CURLE_COULDNT_RESOLVE_HOST: .dns
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
        case CURLE_COULDNT_CONNECT: .connect
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_PEER_FAILED_VERIFICATION,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CRL_BADFILE:
            .tls
        case CURLE_BAD_CONTENT_ENCODING: .decode
        case CURLE_FILESIZE_EXCEEDED: .tooLarge
        case CURLE_TOO_MANY_REDIRECTS: .redirect
        case CURLE_READ_ERROR, CURLE_SEND_FAIL_REWIND, CURLE_ABORTED_BY_CALLBACK, CURLE_UPLOAD_FAILED: .upload
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_HTTP2_STREAM, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE: .connection
        case CURLE_OUT_OF_MEMORY: .memory
        default: .protocolError
        }
    }
}
