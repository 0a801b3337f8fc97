/// How time passes on a loop.
public enum LoopClock: Hashable, Sendable {
    /// As on the wall: `CLOCK_MONOTONIC`. The default.
    case monotonic

    /// Not at all, until ``EventLoop/advance(by:)`` moves it. Starts at zero. For tests.
    case manual

    /// In jumps: when the loop would block until a timer is due, the clock is put there at once. Starts at zero.
    ///
    /// For tests of programs whose every peer lives on the same loop. Descriptors are looked at before each jump, but
    /// a peer in another thread or process may be overtaken by a timeout. While an offloaded job or a hold is
    /// outstanding, time passes as on the wall, so that the answer can come first.
    case skipping
}
