import CCurl

/// Whom to trust, and who to be, on TLS connections.
public struct TLSSettings: Sendable, Equatable {
    /// Whether the server's certificate must be valid, of a trusted authority, and for the URL's host. Default true.
    public var verifies = true
    /// A file (PEM) or folder of trusted authorities, in place of the system's.
    public var authorities: String?
    /// The client's certificate (PEM), when the server wants one.
    public var certificate: String?
    /// The key of the certificate (PEM); nil: it is in the certificate's file.
    public var key: String?
    /// The password of the key.
    public var keyPassword: String?
    /// "sha256//…" of the server's public key, several with ";" between them, or a file: no other key will do
    /// (CURLOPT_PINNEDPUBLICKEY(3)).
    public var pinnedKey: String?
    /// The oldest version of TLS to accept: "1.2" (the default) or "1.3".
    public var minimumVersion = "1.2"

    /// The defaults.
    public init() {}

    /// What whoever reads the message of a failed handshake may do about it; "" where nothing is known.
    static func advice(for code: CURLcode) -> String {
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION:
            " (verify = \"authorities.pem\" trusts others than the system's authorities; verify = false trusts anybody)"
        case CURLE_SSL_CACERT_BADFILE: " (verify names a file or folder of certificates, PEM)"
        case CURLE_SSL_CERTPROBLEM: " (cert and key name files, PEM; key_password is the key's)"
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH: " (pinned_key: the server has another key)"
        default: ""
        }
    }

    func apply(to handle: EasyHandle) {
        handle.set(CURLOPT_SSL_VERIFYPEER, verifies)
        handle.set(CURLOPT_SSL_VERIFYHOST, verifies ? 2 : 0)
        handle.set(
            CURLOPT_SSLVERSION, Int(minimumVersion == "1.3" ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_TLSv1_2))
        if let authorities {
            let isFolder = SmallFile.isFolder(authorities)
            handle.set(isFolder ? CURLOPT_CAPATH : CURLOPT_CAINFO, authorities)
            // The system's no longer count.
            handle.set(isFolder ? CURLOPT_CAINFO : CURLOPT_CAPATH, nil)
        }
        if let certificate { handle.set(CURLOPT_SSLCERT, certificate) }
        if let key { handle.set(CURLOPT_SSLKEY, key) }
        if let keyPassword { handle.set(CURLOPT_KEYPASSWD, keyPassword) }
        if let pinnedKey { handle.set(CURLOPT_PINNEDPUBLICKEY, pinnedKey) }
    }
}
