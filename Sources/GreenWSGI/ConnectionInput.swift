import HTTPWire

/// Bytes of a connection that wait to be looked at: half a head, a body not read yet, requests sent ahead.
///
/// Most connections never have one: a request that comes whole is read from the server's own buffer.
final class ConnectionInput {
    var buffer = ByteBuffer()
    var parser: RequestParser

    init(limits: RequestLimits) { parser = RequestParser(limits: limits) }
}
