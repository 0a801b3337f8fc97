import HTTPWire

/// The server's own answers: 404, 500 and the like, in the form the client prefers, without details unless the
/// server is in development mode.
enum ErrorPage {
    /// How a page is written.
    enum Form: UInt8 {
        case text
        case html
        case json

        var contentType: StaticString {
            switch self {
            case .text: "text/plain; charset=utf-8"
            case .html: "text/html; charset=utf-8"
            case .json: "application/json"
            }
        }
    }

    /// Answers a request with a status page and ends the exchange.
    /// - Parameters:
    ///   - message: what was wrong with the request; the status's reason phrase by default.
    ///   - details: shown in development mode only.
    static func answer(_ status: Int, message: String? = nil, details: String? = nil, on connection: HTTPConnection) {
        let shown = connection.server.options.isDevelopment ? details : nil
        let form = connection.pageForm
        var page = text(status, message: message, details: shown, as: form)
        ResponseWriting.settleBody(connection)
        // A client of HTTP/1.0 would have to be told that the connection stays.
        if connection.isHTTP10 { connection.keepAlive = false }
        page.withUTF8 { body in
            connection.server.appendSimple(
                status, form.contentType, UnsafeRawBufferPointer(body), keepAlive: connection.keepAlive,
                head: connection.isHead)
            connection.recordExchange(status: status, bodyBytes: connection.isHead ? 0 : body.count)
        }
        connection.hasResponded = true
        connection.responseIsWritten()
    }

    /// The text of a page.
    static func text(_ status: Int, message: String? = nil, details: String? = nil, as form: Form) -> String {
        let reason = "\(reasonPhrase(for: status))"
        switch form {
        case .text:
            let lines = ["\(status) \(reason)", message, details].compactMap(\.self)
            return lines.joined(separator: "\n\n") + "\n"
        case .html:
            let title = "\(status) \(reason)"
            var page = "<!doctype html>\n<title>\(title)</title>\n<h1>\(title)</h1>\n"
            if let message { page += "<p>\(escaped(message))</p>\n" }
            if let details { page += "<pre>\(escaped(details))</pre>\n" }
            return page
        case .json:
            var page = "{\"status\":\(status),\"message\":\(quoted(message ?? reason))"
            if let details { page += ",\"details\":\(quoted(details))" }
            return page + "}\n"
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func quoted(_ text: String) -> String {
        var output: [UInt8] = []
        var text = text
        text.withUTF8 { JSONText.appendString(UnsafeRawBufferPointer($0), to: &output) }
        return String(decoding: output, as: UTF8.self)
    }
}
