/// What the fields that steer a message have said so far; plain values, one set per message.
struct FieldNotes {
    var hasHost = false
    /// The Host field's value; empty if it was sent without one.
    var hostValue = ByteRange.empty
    /// ``hostValue`` without its port.
    var hostName = ByteRange.empty
    /// The Content-Length, or -1 while none was seen.
    var contentLength = -1
    var isChunked = false
    /// Options named in Connection (RFC 9110 §7.6.1).
    var close = false
    var keepAlive = false
    var connectionUpgrade = false
    var hasUpgrade = false
    /// Whether Expect asked for 100-continue (RFC 9110 §10.1.1).
    var expectsContinue = false
}
