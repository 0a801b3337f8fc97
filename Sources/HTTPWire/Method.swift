/// A request method (RFC 9110 §9), case-sensitive.
public enum Method: UInt8, Sendable {
    /// GET.
    case get
    /// HEAD.
    case head
    /// POST.
    case post
    /// PUT.
    case put
    /// DELETE.
    case delete
    /// OPTIONS.
    case options
    /// PATCH (RFC 5789).
    case patch
    /// TRACE.
    case trace
    /// CONNECT.
    case connect
    /// Any other token; ``RequestHead/methodName`` says which.
    case other

    /// The method spelled by the `count` bytes at `bytes`.
    @inline(__always)
    init(_ bytes: UnsafeRawPointer, count: Int) {
        switch count {
        case 3:
            if bytes.spells("GET") { self = .get } else if bytes.spells("PUT") { self = .put } else { self = .other }
        case 4:
            if bytes.spells("POST") {
                self = .post
            } else if bytes.spells("HEAD") {
                self = .head
            } else {
                self = .other
            }
        case 5:
            if bytes.spells("PATCH") {
                self = .patch
            } else if bytes.spells("TRACE") {
                self = .trace
            } else {
                self = .other
            }
        case 6: self = bytes.spells("DELETE") ? .delete : .other
        case 7:
            if bytes.spells("OPTIONS") {
                self = .options
            } else if bytes.spells("CONNECT") {
                self = .connect
            } else {
                self = .other
            }
        default: self = .other
        }
    }
}
