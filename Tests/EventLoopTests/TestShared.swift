@testable import EventLoop

/// A value that several threads of a test touch, and can wait for. Its lock is one that the thread sanitizer knows.
final class TestShared<Value: Sendable> {
    private let monitor = Monitor()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        monitor.lock()
        defer { monitor.unlock() }
        defer { monitor.broadcast() }
        return body(&value)
    }

    /// Returns when the condition holds.
    func wait(until condition: (Value) -> Bool) {
        monitor.lock()
        defer { monitor.unlock() }
        while !condition(value) { monitor.wait() }
    }
}

// Safety: the value is touched under `monitor` only.
extension TestShared: @unchecked Sendable {}
