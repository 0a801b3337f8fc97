extension ResponseHeadParser {
    /// Draws the conclusions from the fields once all are there.
    mutating func finish() throws(ResponseError) {
        let isCurrent = head.minorVersion > 0
        head.upgrade = isCurrent && notes.hasUpgrade && notes.connectionUpgrade
        // What follows is a tunnel (RFC 9110 §9.3.6) or another protocol (§15.2.2).
        let endsHTTP = head.status == 101 || (method == .connect && head.status / 100 == 2)
        head.framing = endsHTTP || hasNoBody ? .none : try bodyFraming()
        head.keepAlive =
            !endsHTTP && head.framing != .untilClose && !notes.close && (isCurrent || notes.keepAlive)
    }

    /// Whether there is no body whatever the fields say (RFC 9112 §6.3, rule 1).
    private var hasNoBody: Bool {
        method == .head || head.status < 200 || head.status == 204 || head.status == 304
    }

    /// RFC 9112 §6.3, rules 3 to 8, for a response that has a body.
    private func bodyFraming() throws(ResponseError) -> ResponseFraming {
        if hasUnknownCoding {
            throw ResponseError(.unsupported, "transfer-encoding: coding not supported; expected chunked")
        }
        if notes.isChunked {
            guard notes.contentLength < 0 else {
                throw ResponseError(.malformed, "content-length: together with transfer-encoding; expected one of them")
            }
            return .chunked
        }
        if notes.contentLength < 0 { return .untilClose }
        return notes.contentLength == 0 ? .none : .length(notes.contentLength)
    }
}
