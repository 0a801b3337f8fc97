import HTTPWire

/// The server's own answers: 404, 500 and the like, in the form the client prefers, without details unless the
/// server is in development mode.
enum ErrorPage {
    /// Answers a request with a status page and ends the exchange.
    static func answer(_ status: Int, _ details: String?, on connection: HTTPConnection) {
        let shown = connection.server.options.isDevelopment ? details : nil
        let page = text(status, shown)
        var body = page
        body.withUTF8 { body in
            connection.server.appendSimple(
                status, "text/plain; charset=utf-8", UnsafeRawBufferPointer(body), keepAlive: connection.keepAlive,
                head: connection.isHead)
            connection.recordExchange(status: status, bodyBytes: body.count)
        }
        connection.hasResponded = true
        connection.responseIsWritten()
    }

    static func text(_ status: Int, _ details: String?) -> String {
        let line = "\(status) \(reasonPhrase(for: status))\n"
        guard let details else { return line }
        return line + "\n" + details + "\n"
    }
}
