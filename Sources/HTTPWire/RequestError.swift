/// Why a request is refused. Always means: answer with the status, then close the connection.
///
/// After an error it is unknown where the next message begins, so nothing that follows may be read as one.
public struct RequestError: Error, Sendable {
    /// The response status: 400, 413, 414, 417, 431, 501 or 505.
    public let status: Int
    /// What was wrong and what was expected; fit for a log and for the response's body.
    public let message: StaticString

    /// A refusal with a status of 400–599 and its reason.
    public init(_ status: Int, _ message: StaticString) {
        self.status = status
        self.message = message
    }
}

extension RequestError: Equatable, CustomStringConvertible {
    /// Whether two errors have the same status and the same message.
    public static func == (left: RequestError, right: RequestError) -> Bool {
        left.status == right.status && left.message.description == right.message.description
    }

    /// The status and the message, like `400 host: …`.
    public var description: String { "\(status) \(message)" }
}
