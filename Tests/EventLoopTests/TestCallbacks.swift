import EventLoop

/// A handler that runs a closure, and counts.
final class TestHandler: IOHandler {
    var body: (TestHandler, IOEvents) -> Void
    private(set) var calls = 0

    init(_ body: @escaping (TestHandler, IOEvents) -> Void = { _, _ in }) {
        self.body = body
    }

    override func ready(_ events: IOEvents) {
        calls += 1
        body(self, events)
    }
}

/// A timer that runs a closure, and counts.
final class TestTimer: LoopTimer {
    var body: (TestTimer) -> Void
    private(set) var calls = 0

    init(keepsLoopAlive: Bool = true, _ body: @escaping (TestTimer) -> Void = { _ in }) {
        self.body = body
        super.init(keepsLoopAlive: keepsLoopAlive)
    }

    override func fire() {
        calls += 1
        body(self)
    }
}

/// A task that runs a closure, and counts.
final class TestTask: LoopTask {
    var body: (TestTask) -> Void
    private(set) var calls = 0

    init(_ body: @escaping (TestTask) -> Void = { _ in }) {
        self.body = body
    }

    override func run() {
        calls += 1
        body(self)
    }
}
