import COpenSSL

/// SHA-1 of libcrypto (EVP_Digest(3)), which RFC 6455 §4.2.2 asks for; no secret depends on it.
enum SHA1 {
    /// The 20 bytes of the digest of `bytes`, or nil where libcrypto offers no SHA-1.
    static func digest(_ bytes: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 20)
        let status = bytes.withUnsafeBytes { input in
            digest.withUnsafeMutableBufferPointer { output in
                EVP_Digest(input.baseAddress, input.count, output.baseAddress, nil, EVP_sha1(), nil)
            }
        }
        return status == 1 ? digest : nil
    }
}
