import HTTPWire
import WebSocketWire

/// Reads the server's answer to an opening handshake.
final class HandshakeReader {
    /// What an answer that opens the connection says.
    struct Opening {
        /// What the server chose.
        var subprotocol: String?
        /// Of its head.
        var fields: [(name: [UInt8], value: [UInt8])]
        /// What followed the head: frames.
        var rest: [UInt8]
    }

    let handshake: ClientHandshake
    private var parser: ResponseHeadParser
    private var head = ByteBuffer()
    private let subject: String

    /// - Parameters:
    ///   - subject: what errors are about.
    ///   - headBytes: most bytes of the answer's fields.
    init(_ handshake: ClientHandshake, subject: String, headBytes: Int) {
        self.handshake = handshake
        self.subject = subject
        var limits = ResponseLimits()
        limits.headBytes = headBytes
        parser = ResponseHeadParser(limits: limits)
    }

    /// Takes more bytes; nil while the head is not whole.
    /// - Throws: `.handshake` for an answer that opens nothing, `.protocolError` for what is no HTTP.
    func read(_ bytes: UnsafeRawBufferPointer) throws(HTTPClientError) -> Opening? {
        head.append(bytes)
        while true {
            switch parser.parse(head.readableBytes) {
            case .needsMore: return nil
            case .failed(let error): throw HTTPClientError(.protocolError, "\(subject): \(error.message)")
            case .complete: break
            }
            if !parser.head.isInterim { return try judge() }
            head.consume(parser.head.byteCount)
            parser.reset(answering: .get)
        }
    }

    private func judge() throws(HTTPClientError) -> Opening {
        let bytes = head.readableBytes
        let subprotocol: String?
        do throws(WebSocketError) {
            subprotocol = try handshake.judge(parser, in: bytes)
        } catch {
            throw HTTPClientError(.handshake, "\(subject): \(error.message)", status: parser.head.status)
        }
        return Opening(
            subprotocol: subprotocol,
            fields: parser.fields.map { (Array($0.name.slice(of: bytes)), Array($0.value.slice(of: bytes))) },
            rest: Array(bytes[parser.head.byteCount...]))
    }
}
