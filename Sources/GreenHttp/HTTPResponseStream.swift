/// A response whose body is read while it comes: `for try await piece in stream { … }`.
///
/// To be read once, by one task. When nobody reads, the server is held back; a stream that is let go of ends its
/// request.
public final class HTTPResponseStream: AsyncSequence, Sendable {
    /// The response, with an empty body.
    public let response: HTTPResponse
    private let call: SwiftCall

    init(_ response: HTTPResponse, _ call: SwiftCall) {
        self.response = response
        self.call = call
    }

    deinit { call.cancel() }

    /// Gives up what is still to come. Any thread.
    public func cancel() { call.cancel() }

    /// Reads the pieces.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let stream: HTTPResponseStream

        /// The next piece; nil at the end.
        /// - Throws: ``HTTPClientError`` when the body broke off.
        public mutating func next() async throws -> [UInt8]? { try await stream.call.read() }
    }

    /// Reads the pieces.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }
}
