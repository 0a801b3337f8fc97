import HTTPWire
import LuaRuntime

/// Writes a handler's response to the server's buffer, after judging all of it: nothing is written of a bad one.
enum ResponseWriting {
    /// Why a response cannot be sent.
    struct Problem: Error {
        let text: String
    }

    /// Statuses that never have a body (RFC 9110 §6.4.1).
    private static func forbidsBody(_ status: Int) -> Bool { status == 204 || status == 304 }

    /// Whether the content is left out, though its length, 0, is told (RFC 9110 §15.3.6).
    private static func isEmptied(_ status: Int) -> Bool { status == 205 }

    // MARK: Whole responses

    /// Writes a response that is all there, and ends the exchange.
    static func write(_ response: HandlerResponse, on connection: HTTPConnection, _ stack: LuaStack) -> Result<
        Void, Problem
    > {
        var response = response
        if case .list(let index) = response.body {
            switch join(index, stack) {
            case .success(let joined): response.body = .bytes(joined)
            case .failure(let problem): return .failure(problem)
            }
        }
        var body = UnsafeRawBufferPointer(start: nil, count: 0)
        if case .bytes(let index) = response.body, let bytes = stack.bytes(at: index) { body = bytes }
        if isEmptied(response.status) { body = UnsafeRawBufferPointer(start: nil, count: 0) }
        let server = connection.server
        settleBody(connection)
        let isSimple =
            response.headers == 0 && !forbidsBody(response.status) && !connection.isHTTP10 && body.count <= 16_384
        if isSimple, response.status == 200, connection.keepAlive, !connection.isHead {
            server.appendPlain(body)
        } else if isSimple {
            server.appendSimple(
                response.status, "text/plain; charset=utf-8", body, keepAlive: connection.keepAlive,
                head: connection.isHead)
        } else {
            switch head(response, on: connection, stack, length: body.count) {
            case .failure(let problem): return .failure(problem)
            case .success: break
            }
        }
        let sendsBody = !connection.isHead && !forbidsBody(response.status)
        connection.hasResponded = true
        connection.recordExchange(status: response.status, bodyBytes: sendsBody ? body.count : 0)
        if !isSimple, sendsBody { connection.flush(with: body) }
        connection.responseIsWritten()
        return .success(())
    }

    /// Whether the connection can go on behind what is left of the request's body: not when that was asked for with
    /// `Expect` and never read, so it is not coming, nor when there is too much of it.
    static func settleBody(_ connection: HTTPConnection) {
        guard let body = connection.body, !body.isFinished else { return }
        if body.awaitsContinue || body.error != nil || (body.remaining ?? 0) > HTTPConnection.mostDropped {
            connection.keepAlive = false
        }
    }

    private static func join(_ index: Int32, _ stack: LuaStack) -> Result<Int32, Problem> {
        let count = stack.rawLength(of: index)
        var length = 0
        for position in 0..<count {
            stack.pushRaw(index: position + 1, of: index)
            guard let piece = stack.bytes(at: -1) else {
                return .failure(
                    Problem(
                        text: "piece \(position + 1) of the body is a \(stack.typeName(at: -1)), expected a string"))
            }
            length = length.addingReportingOverflow(piece.count).partialValue
            stack.pop()
        }
        // One string may stand in the list any number of times.
        guard length >= 0, stack.hasRoom(for: length) else {
            return .failure(Problem(text: "not enough memory for the body: its \(count) pieces have \(length) bytes"))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        for position in 0..<count {
            stack.pushRaw(index: position + 1, of: index)
            if let piece = stack.bytes(at: -1) { bytes.append(contentsOf: piece) }
            stack.pop()
        }
        let pushed = bytes.withUnsafeBytes { bytes in (try? stack.push(bytes: bytes)) != nil }
        return pushed ? .success(stack.top) : .failure(Problem(text: "not enough memory for the body"))
    }

    // MARK: Streams

    /// Writes the head of a response whose body is to come; whether it is to come at all (not for HEAD).
    static func begin(_ response: HandlerResponse, on connection: HTTPConnection, _ stack: LuaStack) -> Result<
        Bool, Problem
    > {
        let isEmptied = isEmptied(response.status)
        switch head(response, on: connection, stack, length: isEmptied ? 0 : nil) {
        case .failure(let problem): return .failure(problem)
        case .success: break
        }
        connection.hasResponded = true
        connection.logged?.status = response.status
        return .success(!connection.isHead && !isEmptied && !forbidsBody(response.status))
    }

    // MARK: Heads

    private struct Given {
        var contentType = false
        /// What the handler said; nil when it said nothing, or no number.
        var contentLength: Int?
        var date = false
    }

    /// Writes the head; `length` nil for a body of unknown length.
    private static func head(
        _ response: HandlerResponse, on connection: HTTPConnection, _ stack: LuaStack, length: Int?
    ) -> Result<Void, Problem> {
        let server = connection.server
        server.draft.removeAll()
        var given = Given()
        if response.headers != 0 {
            if let problem = fields(at: response.headers, stack, connection, &given) { return .failure(problem) }
        }
        ResponseWriter.statusLine(response.status, into: &server.output)
        if !given.date { server.appendDate() }
        let hasBody = !forbidsBody(response.status)
        if hasBody, !given.contentType, length != 0 || response.headers == 0 {
            ResponseWriter.literalField("Content-Type", "text/plain; charset=utf-8", into: &server.output)
        }
        server.output.append(server.draft.readableBytes)
        if hasBody {
            if let length {
                // A HEAD handler may tell the length without making the body.
                let told = connection.isHead && length == 0 ? given.contentLength ?? length : length
                ResponseWriter.contentLength(told, into: &server.output)
            } else if let told = given.contentLength {
                ResponseWriter.contentLength(told, into: &server.output)
                if !connection.isHead { connection.bytesPromised = told }
            } else if !connection.isHTTP10 {
                ResponseWriter.transferEncodingChunked(into: &server.output)
                connection.isChunked = !connection.isHead
            } else {
                connection.keepAlive = false  // the end of the connection is the end of the body (RFC 9112 §6.3)
            }
        }
        if !connection.keepAlive {
            ResponseWriter.literalField("Connection", "close", into: &server.output)
        } else if connection.isHTTP10 {
            ResponseWriter.literalField("Connection", "keep-alive", into: &server.output)
        }
        ResponseWriter.endOfHead(into: &server.output)
        return .success(())
    }

    /// Writes the fields of a headers table to the draft: name → value, name → list of values, or a list of pairs.
    private static func fields(
        at index: Int32, _ stack: LuaStack, _ connection: HTTPConnection, _ given: inout Given
    ) -> Problem? {
        stack.pushNil()
        while true {
            do throws(LuaFailure) {
                guard try stack.next(of: index) else { return nil }
            } catch {
                return Problem(text: stack.description(of: -1))
            }
            let value = stack.top
            let key = value - 1
            var problem: Problem?
            if stack.type(at: key) == .number, stack.type(at: value) == .table {
                stack.pushRaw(index: 1, of: value)
                stack.pushRaw(index: 2, of: value)
                problem = field(name: value + 1, value: value + 2, stack, connection, &given)
            } else if stack.type(at: value) == .table {
                for position in 0..<stack.rawLength(of: value) where problem == nil {
                    stack.pushRaw(index: position + 1, of: value)
                    problem = field(name: key, value: stack.top, stack, connection, &given)
                    stack.pop()
                }
            } else {
                problem = field(name: key, value: value, stack, connection, &given)
            }
            if let problem { return problem }
            stack.setTop(key)
        }
    }

    /// Bytes of all header fields together; what clients and proxies take is far less.
    private static let mostHeaders = 256 << 10

    private static func field(
        name: Int32, value: Int32, _ stack: LuaStack, _ connection: HTTPConnection, _ given: inout Given
    ) -> Problem? {
        guard let nameBytes = stack.bytes(at: name) else {
            return Problem(text: "a header's name is a \(stack.typeName(at: name)), expected a string")
        }
        if stack.type(at: value) == .number {
            guard (try? stack.pushDescription(of: value)) != nil else { return Problem(text: "not enough memory") }
            stack.replace(at: value)
        }
        guard let valueBytes = stack.bytes(at: value) else {
            let shown = String(decoding: nameBytes, as: UTF8.self)
            return Problem(
                text: "header '\(shown)' is a \(stack.typeName(at: value)), expected a string or a list of them")
        }
        // What frames the message is the server's to say.
        if ASCIICase.equal(nameBytes, "Connection") {
            if ASCIICase.equal(valueBytes, "close") { connection.keepAlive = false }
            return nil
        }
        if ASCIICase.equal(nameBytes, "Transfer-Encoding") || ASCIICase.equal(nameBytes, "Keep-Alive") { return nil }
        if ASCIICase.equal(nameBytes, "Content-Length") {
            let isNumber = valueBytes.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            given.contentLength = isNumber ? Int(String(decoding: valueBytes, as: UTF8.self)) : nil
            return nil
        }
        if connection.server.draft.readableBytes.count + nameBytes.count + valueBytes.count > mostHeaders {
            return Problem(text: "the headers are larger than 256 KiB")
        }
        if ASCIICase.equal(nameBytes, "Content-Type") { given.contentType = true }
        if ASCIICase.equal(nameBytes, "Date") { given.date = true }
        if ResponseWriter.field(nameBytes, valueBytes, into: &connection.server.draft) { return nil }
        let shown = String(decoding: nameBytes.prefix(80), as: UTF8.self)
        return Problem(
            text: "header '\(shown)' has a name or value that no header may have (a line break or control character?)")
    }
}
