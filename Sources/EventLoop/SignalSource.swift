import CSystem
import Glibc

/// Signals, told on the loop's thread like any other event (signalfd(2)).
///
/// A signal reaches the source only while it is blocked in every thread that could take it: call ``block(_:)`` in the
/// main thread before any other thread starts. The loop retains the source until ``cancel()``; the registration does
/// not keep the loop alive.
public final class SignalSource: IOHandler {
    /// The signals that are listened to.
    public let signals: [Int32]

    private let signalDescriptor: Int32
    private let handler: (Int32) -> Void
    // Not weak: one weak reference makes every count of the loop's references slow, in every turn.
    // Safety: used only while registered, and a loop that goes away ends its registrations.
    private unowned(unsafe) let loop: EventLoop

    /// Listens to signals. Loop thread.
    ///
    /// - Parameters:
    ///   - loop: Where to be told.
    ///   - signals: Their numbers, `SIGTERM` for instance, blocked already.
    ///   - handler: Called on the loop's thread with the number. Signals of one number that come before it is called
    ///     are one call.
    /// - Throws: ``EventLoopError`` when the kernel grants no signalfd.
    public init(loop: EventLoop, signals: [Int32], handler: @escaping (Int32) -> Void) throws(EventLoopError) {
        var mask = SignalSource.mask(signals)
        let descriptor = csystem_signalfd(&mask)
        guard descriptor >= 0 else { throw EventLoopError(call: "signalfd", code: -descriptor) }
        self.signals = signals
        self.handler = handler
        self.loop = loop
        signalDescriptor = descriptor
        super.init()
        try loop.register(self, descriptor: descriptor, for: .readable, keepsLoopAlive: false)
    }

    deinit {
        close(signalDescriptor)
    }

    /// Blocks the signals for the calling thread, and so for the threads it starts from now on.
    public static func block(_ signals: [Int32]) {
        var mask = mask(signals)
        pthread_sigmask(SIG_BLOCK, &mask, nil)
    }

    /// Listens no more; the signals stay blocked. Loop thread.
    public func cancel() {
        if registration != nil { loop.deregister(self) }
    }

    /// Takes what is pending, one call of the handler for each.
    public override func ready(_ events: IOEvents) {
        while registration != nil {
            let signal = csystem_signalfd_next(signalDescriptor)
            guard signal > 0 else { return }
            handler(signal)
        }
    }

    private static func mask(_ signals: [Int32]) -> sigset_t {
        var mask = sigset_t()
        sigemptyset(&mask)
        for signal in signals {
            let status = sigaddset(&mask, signal)
            precondition(status == 0, "there is no signal \(signal)")
        }
        return mask
    }
}
