extension RequestParser {
    /// Draws the conclusions from the fields once all are there.
    @inline(__always)
    mutating func finish(_ base: UnsafeRawPointer) throws(RequestError) {
        try settleAuthority()
        let hasBody = try settleFraming()
        let isCurrent = head.minorVersion > 0
        head.keepAlive = !notes.close && (isCurrent || notes.keepAlive)
        // RFC 9110 §10.1.1 and §7.8: both mean nothing in HTTP/1.0.
        head.expectsContinue = isCurrent && notes.expectsContinue && hasBody
        head.upgrade = isCurrent && notes.hasUpgrade && notes.connectionUpgrade
    }

    /// RFC 9112 §3.2 and §3.3: whom the request is for.
    @inline(__always)
    private mutating func settleAuthority() throws(RequestError) {
        guard notes.hasHost || head.minorVersion == 0 else {
            throw RequestError(400, "host: missing; HTTP/1.1 expects exactly one")
        }
        // The target's own host wins (RFC 9112 §3.2.2), so it does not matter then if Host is empty.
        guard head.targetForm != .absolute, head.targetForm != .authority else { return }
        guard !notes.hasHost || !notes.hostValue.isEmpty else {
            // An http URI cannot have an empty host (RFC 9110 §4.2.1).
            throw RequestError(400, "host: empty; expected a name or an address")
        }
        head.authority = notes.hostValue
        head.host = notes.hostName
    }

    /// RFC 9112 §6.3: where the body ends; true if there is one.
    @inline(__always)
    private mutating func settleFraming() throws(RequestError) -> Bool {
        if notes.isChunked {
            guard notes.contentLength < 0 else {
                throw RequestError(400, "content-length: together with transfer-encoding; send one of them")
            }
            head.framing = .chunked
        } else if notes.contentLength > 0 {
            guard notes.contentLength <= limits.body else {
                throw RequestError(413, "content: too long; send less")
            }
            head.framing = .length(notes.contentLength)
        } else {
            return false
        }
        // RFC 9110 §9.3.6 and §9.3.8.
        guard head.method != .trace, head.method != .connect else {
            throw RequestError(400, "content: TRACE and CONNECT have none")
        }
        return true
    }
}
