import HTTPWire

/// What all connections of a server share, since only one of them is looked at at a time: where heads are parsed, and
/// where responses are written before they are sent.
///
/// Kept behind a pointer, because each access to a class's property is checked for exclusivity at run time, and these
/// are used a dozen times per request.
struct SharedBuffers: ~Copyable {
    /// Responses on their way to the socket.
    var output = ByteBuffer(capacity: 16_384)
    /// Header fields that are judged before any of them is sent.
    var draft = ByteBuffer()
    var parser: RequestParser
    var date: DateHeader
    /// The head of the commonest response up to its length's value: 200, plain text, and the second it was written for.
    var plainHead = ByteBuffer()
    var plainHeadSecond: Int64 = -1
}
