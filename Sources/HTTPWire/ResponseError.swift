/// Why a response cannot be used. Always means: close the connection, for it is unknown where the next message begins.
public struct ResponseError: Error, Sendable {
    /// What kind of fault it is.
    public enum Kind: Sendable, Equatable {
        /// The bytes break a rule of HTTP/1.1.
        case malformed
        /// The head passes one of the ``ResponseLimits``.
        case tooLarge
        /// The response is of a version, or has a transfer coding, that is not read here.
        case unsupported
    }

    /// What kind of fault it is.
    public let kind: Kind
    /// What was wrong and what was expected; fit for a log.
    public let message: StaticString

    /// A fault and its reason.
    public init(_ kind: Kind, _ message: StaticString) {
        self.kind = kind
        self.message = message
    }
}

extension ResponseError: Equatable, CustomStringConvertible {
    /// Whether two errors have the same kind and the same message.
    public static func == (left: ResponseError, right: ResponseError) -> Bool {
        left.kind == right.kind && left.message.description == right.message.description
    }

    /// The message.
    public var description: String { message.description }
}
