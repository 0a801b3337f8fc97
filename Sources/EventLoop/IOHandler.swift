/// Somebody who is told what happened to a descriptor. Subclass it and override ``ready(_:)``.
///
/// The loop retains the handler from ``EventLoop/register(_:descriptor:for:keepsLoopAlive:)`` until
/// ``EventLoop/deregister(_:)``. The descriptor stays the property of whoever opened it.
open class IOHandler {
    /// Where the handler is registered; nil while it is not.
    public final internal(set) var registration: IORegistration?

    /// Makes a handler that is not registered.
    public init() {}

    /// Called on the loop thread each time the descriptor is found ready.
    ///
    /// Delivery is level-triggered: what is left unread is reported again in the next turn. The handler may register,
    /// modify and deregister any handler, itself included.
    open func ready(_ events: IOEvents) {}
}

/// The fact that a handler listens to a descriptor.
public struct IORegistration: Hashable, Sendable {
    /// The descriptor that is watched.
    public let descriptor: Int32
    /// What is being asked for.
    public internal(set) var events: IOEvents
    /// Whether the registration counts as pending work (``EventLoop/hasPendingWork``).
    public let keepsLoopAlive: Bool
    /// The handler's place in the loop's table.
    let slot: Int32
}
