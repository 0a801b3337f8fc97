import Synchronization

/// The thread a loop was started on, if it was.
final class LoopThread {
    private enum State {
        case none, starting, running
    }

    private let monitor = Monitor()
    private var state = State.none

    /// Starts the thread and waits until the loop belongs to it.
    func start(_ loop: EventLoop) {
        monitor.lock()
        defer { monitor.unlock() }
        precondition(state == .none, "start() of loop '\(loop.name)', whose thread has not ended; join() it first")
        state = .starting
        let status = SystemThread.spawnInheriting(loop.name) { [self] in
            loop.occupy()
            enter(.running)
            loop.runOccupied()
            // The thread's number may be given to another one.
            loop.owner.store(0, ordering: .relaxed)
            enter(.none)
        }
        precondition(status == 0, "no thread for loop '\(loop.name)': pthread_create failed with errno \(status)")
        while state == .starting { monitor.wait() }
    }

    func waitForEnd() {
        monitor.lock()
        defer { monitor.unlock() }
        while state != .none { monitor.wait() }
    }

    private func enter(_ next: State) {
        monitor.lock()
        state = next
        monitor.broadcast()
        monitor.unlock()
    }
}

// Safety: the variable is touched under `monitor` only.
extension LoopThread: @unchecked Sendable {}
