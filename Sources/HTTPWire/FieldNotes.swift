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

    /// Notes the options that Connection names between `start` and `end` (RFC 9110 §7.6.1); options unknown here are
    /// nobody's business here.
    mutating func readConnection(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) {
        var index = start
        while let item = FieldList.nextItem(base, &index, end) {
            let option = base + Int(item.start)
            switch item.count {
            case 5 where option.spellsIgnoringCase("close"): close = true
            case 7 where option.spellsIgnoringCase("upgrade"): connectionUpgrade = true
            case 10 where option.spellsIgnoringCase("keep-alive"): keepAlive = true
            default: break
            }
        }
    }
}
