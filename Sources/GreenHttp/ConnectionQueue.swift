import Glibc

/// Decides when each attempt may have a connection: first in, first out among those whose host has room.
///
/// libcurl has limits of its own, which stay the guard; but it serves those who wait in no order, lets a full host hold
/// up the others, and counts their waiting as connecting. Loop thread only.
final class ConnectionQueue {
    /// A scheme, host and port.
    final class Origin {
        let key: String
        fileprivate(set) var active = 0
        /// It speaks HTTP/2: transfers share connections, and libcurl sees to how many (RFC 9113 §5.1.2).
        fileprivate(set) var isMultiplexed = false
        fileprivate var waiting = ExchangeFIFO()

        init(key: String) { self.key = key }

        /// How many connections its transfers may be using, of those that count for the total.
        fileprivate var connections: Int { isMultiplexed ? min(active, 1) : active }
    }

    private let limits: ConnectionLimits
    private var origins: [String: Origin] = [:]
    private var last: Origin?
    /// Those that somebody waits for.
    private var crowded: [Origin] = []
    private var connections = 0
    private var tickets = 0
    private var isServing = false
    /// A host turned out to share connections: more may begin than could before.
    private(set) var hasNews = false

    /// Hosts that nobody asks are remembered up to this many.
    private static let mostRemembered = 256

    init(limits: ConnectionLimits) { self.limits = limits }

    /// The attempt begins, now or as soon as there is room.
    func enter(_ exchange: Exchange) {
        let origin = origin(of: exchange.response.url)
        exchange.origin = origin
        if origin.waiting.isEmpty, hasRoom(origin) { return admit(exchange, to: origin) }
        if origin.waiting.isEmpty { crowded.append(origin) }
        tickets += 1
        exchange.place = origin.waiting.append(exchange, ticket: tickets)
    }

    /// The attempt is over, whether it had begun or not.
    func leave(_ exchange: Exchange) {
        guard let origin = exchange.origin else { return }
        exchange.origin = nil
        if let place = exchange.place {
            exchange.place = nil
            origin.waiting.remove(at: place)
            if origin.waiting.isEmpty { crowded.removeAll { $0 === origin } }
            return
        }
        change(origin) { $0.active -= 1 }
        if !crowded.isEmpty { serve() }
    }

    /// The origin turned out to speak HTTP/2. May be called from libcurl's callbacks: `serve` follows.
    func sharesConnections(_ origin: Origin) {
        if origin.isMultiplexed { return }
        change(origin) { $0.isMultiplexed = true }
        hasNews = true
    }

    /// Lets those begin who can. One whose attempt fails at once makes room for the next: that is seen here, not deeper.
    func serve() {
        if isServing { return }
        isServing = true
        hasNews = false
        while let origin = nextWithRoom() {
            guard let exchange = origin.waiting.takeFirst() else { fatalError("bug: nobody waits for a crowded host") }
            if origin.waiting.isEmpty { crowded.removeAll { $0 === origin } }
            exchange.place = nil
            admit(exchange, to: origin)
        }
        isServing = false
    }

    private func nextWithRoom() -> Origin? {
        var next: Origin?
        for origin in crowded where hasRoom(origin) {
            if let other = next, other.waiting.firstTicket < origin.waiting.firstTicket { continue }
            next = origin
        }
        return next
    }

    private func hasRoom(_ origin: Origin) -> Bool {
        if origin.isMultiplexed, origin.active > 0 { return true }
        return (limits.perHost == 0 || origin.active < limits.perHost)
            && (limits.total == 0 || connections < limits.total)
    }

    private func admit(_ exchange: Exchange, to origin: Origin) {
        change(origin) { $0.active += 1 }
        exchange.launch()
    }

    @inline(__always)
    private func change(_ origin: Origin, _ how: (Origin) -> Void) {
        let before = origin.connections
        how(origin)
        connections += origin.connections - before
    }

    private func origin(of url: String) -> Origin {
        if let last, Self.isOf(url, last.key) { return last }
        let key = String(url.prefix(Self.authorityEnd(of: url)))
        let origin: Origin
        if let known = origins[key] {
            origin = known
        } else {
            if origins.count >= Self.mostRemembered {
                origins = origins.filter { $0.value.active > 0 || !$0.value.waiting.isEmpty }
            }
            origin = Origin(key: key)
            origins[key] = origin
        }
        last = origin
        return origin
    }

    /// Whether a URL begins with this scheme and authority. Where it cannot be told quickly, no: the table will know.
    private static func isOf(_ url: String, _ key: String) -> Bool {
        let answer = url.utf8.withContiguousStorageIfAvailable { url in
            key.utf8.withContiguousStorageIfAvailable { key in
                guard url.count >= key.count, let one = url.baseAddress, let other = key.baseAddress else {
                    return false
                }
                return memcmp(one, other, key.count) == 0 && (url.count == key.count || endsAuthority(url[key.count]))
            } ?? false
        }
        return answer ?? false
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    /// How many characters scheme and authority are (RFC 3986 §3.2).
    private static func authorityEnd(of url: String) -> Int {
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        let end = url[start...].firstIndex { $0.utf8.first.map(endsAuthority) ?? false } ?? url.endIndex
        return url.distance(from: url.startIndex, to: end)
    }
}
