extension EventLoop {
    /// Has the handler told when the descriptor is ready, from the next turn on. Loop thread.
    ///
    /// - Parameters:
    ///   - handler: Not registered yet; retained until ``deregister(_:)``.
    ///   - descriptor: A socket, pipe, terminal or the like; stays the caller's. Deregister before closing it.
    ///   - events: What to ask for. Errors and hang-ups are reported in any case.
    ///   - keepsLoopAlive: Whether the registration is pending work (``hasPendingWork``). Default true.
    /// - Throws: ``EventLoopError`` of epoll_ctl(2): `EEXIST` when the descriptor has a handler on this loop, `EPERM`
    ///   for plain files, `EBADF`, `ENOMEM`, `ENOSPC`. Nothing is changed then.
    public func register(
        _ handler: IOHandler,
        descriptor: Int32,
        for events: IOEvents,
        keepsLoopAlive: Bool = true
    ) throws(EventLoopError) {
        assertOnLoop()
        precondition(handler.registration == nil, "the handler is registered already; modify or deregister it first")
        let (slot, key) = registrations.reserve()
        let status = poller.add(descriptor, events, key: key)
        guard status >= 0 else { throw EventLoopError(call: "epoll_ctl", code: -status, descriptor: descriptor) }
        let registration = IORegistration(
            descriptor: descriptor, events: events, keepsLoopAlive: keepsLoopAlive, slot: slot)
        handler.registration = registration
        registrations.insert(handler, registration)
    }

    /// Changes what a registered handler asks for; at once, also for events fetched in this turn. Loop thread.
    ///
    /// Asking for what is asked for already costs nothing.
    ///
    /// - Throws: ``EventLoopError`` of epoll_ctl(2): `ENOENT` or `EBADF` when the descriptor was closed meanwhile.
    public func modify(_ handler: IOHandler, for events: IOEvents) throws(EventLoopError) {
        assertOnLoop()
        guard let registration = handler.registration else {
            preconditionFailure("the handler is not registered; register it first")
        }
        guard registration.events != events else { return }
        let key = registrations.key(of: registration.slot)
        let status = poller.modify(registration.descriptor, events, key: key)
        guard status >= 0 else {
            throw EventLoopError(call: "epoll_ctl", code: -status, descriptor: registration.descriptor)
        }
        handler.registration?.events = events
        registrations.setInterest(events, slot: registration.slot)
    }

    /// Tells the handler nothing more, not even what was fetched in this turn already, and lets go of it. Loop thread.
    ///
    /// Never fails, and does nothing when the handler is not registered. Call it before closing the descriptor: if a
    /// duplicate of a closed descriptor is open elsewhere, in a child process for instance, epoll goes on reporting.
    public func deregister(_ handler: IOHandler) {
        assertOnLoop()
        guard let registration = handler.registration else { return }
        poller.remove(registration.descriptor)
        handler.registration = nil
        guard let reference = registrations.remove(registration) else { return }
        if isDelivering { departed.append(reference) } else { reference.release() }
    }
}
