/// The four spellings of a request target (RFC 9112 §3.2).
public enum TargetForm: UInt8, Sendable {
    /// A path with an optional query: `/where?q=now`.
    case origin
    /// A whole `http` or `https` URI; its host wins over the Host field.
    case absolute
    /// `host:port`, only with CONNECT.
    case authority
    /// `*`, only with OPTIONS.
    case asterisk
}
