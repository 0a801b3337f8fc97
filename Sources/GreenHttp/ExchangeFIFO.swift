/// Exchanges in the order in which they came; each can be taken out from the middle at no cost.
struct ExchangeFIFO {
    private var items: [(exchange: Exchange, ticket: Int)?] = []
    /// Where the first is; in front of it nothing is left.
    private var head = 0
    /// How many places were dropped in front of `items`.
    private var dropped = 0

    var isEmpty: Bool { head == items.count }

    /// When the first came; nobody's turn when there is none.
    var firstTicket: Int { isEmpty ? .max : items[head]?.ticket ?? .max }

    /// Its place, for `remove`.
    mutating func append(_ exchange: Exchange, ticket: Int) -> Int {
        items.append((exchange, ticket))
        return dropped + items.count - 1
    }

    mutating func remove(at place: Int) {
        items[place - dropped] = nil
        skipEmpty()
    }

    mutating func takeFirst() -> Exchange? {
        guard !isEmpty, let first = items[head] else { return nil }
        items[head] = nil
        skipEmpty()
        return first.exchange
    }

    private mutating func skipEmpty() {
        while head < items.count, items[head] == nil { head += 1 }
        if head == items.count || head > 64 && head * 2 > items.count {
            items.removeFirst(head)
            dropped += head
            head = 0
        }
    }
}
