/// What went wrong in GreenWSGI before a request was involved: a route table or a log that cannot be used.
public struct WSGIError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of thing that failed, for programs.
    public enum Kind: Equatable, Sendable {
        /// A route's text does not follow the syntax.
        case badRoute
        /// Two routes answer the same method on the same paths.
        case duplicateRoute
        /// The access log cannot be opened.
        case accessLog
    }

    /// The kind of thing that failed.
    public let kind: Kind
    /// What failed, what was expected and what to do, for people.
    public let message: String

    /// An error of this kind.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
