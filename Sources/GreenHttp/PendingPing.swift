import Green

/// A ping whose pong has not come yet, and who waits for that. Loop thread only.
final class PendingPing: WaitList {
    let payload: [UInt8]
    /// Nanoseconds of the loop's clock.
    let sentAt: Int64
    /// From the ping to its pong, in nanoseconds, once that has come.
    var roundTrip: Int64?
    private let url: String

    init(_ payload: [UInt8], _ url: String, at sentAt: Int64) {
        self.payload = payload
        self.url = url
        self.sentAt = sentAt
        super.init()
    }

    override var waitDescription: String { "a pong of the WebSocket \(url)" }
}
