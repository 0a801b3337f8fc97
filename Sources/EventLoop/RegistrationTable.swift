/// The handlers of a loop, by slot.
///
/// A slot's key, which epoll hands back with each event, is its index and a generation that changes whenever the slot
/// is vacated: an event fetched for an earlier tenant never matches, whatever descriptor number the next one has.
struct RegistrationTable: ~Copyable {
    private struct Slot {
        // Safety: retained by `insert`, released by whoever takes it from `remove`, or by `deinit`.
        var handler: Unmanaged<IOHandler>?
        var interest: IOEvents
        var generation: UInt32
        /// The next vacant slot while this one is vacant; -1 at the end.
        var nextVacant: Int32
    }

    private var slots: UnsafeMutableBufferPointer<Slot>
    private var used: Int32 = 0
    private var firstVacant: Int32 = -1
    /// Registrations that count as pending work.
    private(set) var liveCount = 0

    init() {
        slots = .allocate(capacity: 64)
    }

    deinit {
        for index in 0..<Int(used) {
            guard let handler = slots[index].handler else { continue }
            handler.takeUnretainedValue().registration = nil
            handler.release()
        }
        slots.deallocate()
    }

    /// Finds a place for the next handler and returns it with its key; nothing is taken yet.
    mutating func reserve() -> (slot: Int32, key: UInt64) {
        let slot = firstVacant >= 0 ? firstVacant : grow()
        return (slot, key(of: slot))
    }

    /// Takes the place that `reserve` has just returned.
    mutating func insert(_ handler: IOHandler, _ registration: IORegistration) {
        let index = Int(registration.slot)
        firstVacant = slots[index].nextVacant
        // Safety: let go of by whoever takes it from `remove`, or by `deinit`.
        slots[index].handler = Unmanaged.passRetained(handler)
        slots[index].interest = registration.events
        if registration.keepsLoopAlive { liveCount += 1 }
    }

    /// Vacates the place.
    // Safety: the caller owns the reference that comes back and lets go of it after this call.
    mutating func remove(_ registration: IORegistration) -> Unmanaged<IOHandler>? {
        let index = Int(registration.slot)
        let handler = slots[index].handler
        slots[index].handler = nil
        slots[index].generation &+= 1
        slots[index].nextVacant = firstVacant
        firstVacant = registration.slot
        if registration.keepsLoopAlive { liveCount -= 1 }
        return handler
    }

    func setInterest(_ interest: IOEvents, slot: Int32) {
        slots[Int(slot)].interest = interest
    }

    func key(of slot: Int32) -> UInt64 {
        UInt64(slots[Int(slot)].generation) << 32 | UInt64(UInt32(bitPattern: slot))
    }

    /// The handler that an event is for, with the events it still asks for; nil when it is gone or asks for none.
    @inline(__always)
    func match(key: UInt64, bits: UInt32) -> (handler: Unmanaged<IOHandler>, events: IOEvents)? {
        let index = Int(UInt32(truncatingIfNeeded: key))
        guard index < Int(used) else { return nil }
        let slot = slots[index]
        guard slot.generation == UInt32(truncatingIfNeeded: key >> 32), let handler = slot.handler else { return nil }
        let events = IOEvents(rawValue: bits).intersection(slot.interest.union(.always))
        guard !events.isEmpty else { return nil }
        return (handler, events)
    }

    /// Adds one vacant slot at the end and returns it.
    private mutating func grow() -> Int32 {
        if Int(used) == slots.count {
            let larger = UnsafeMutableBufferPointer<Slot>.allocate(capacity: slots.count * 2)
            _ = larger.moveInitialize(fromContentsOf: slots)
            slots.deallocate()
            slots = larger
        }
        slots.initializeElement(
            at: Int(used), to: Slot(handler: nil, interest: [], generation: 0, nextVacant: firstVacant))
        firstVacant = used
        used += 1
        return firstVacant
    }
}
