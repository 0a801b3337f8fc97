import Glibc

/// Threads for work that blocks: name look-ups, files, libraries that know no event loop.
///
/// Threads are started when there is work and none is idle, up to a limit; work beyond that waits, first in first out.
/// A thread that has had nothing to do for a while ends. All signals are blocked on them.
public final class OffloadPool {
    /// The pool that loops use unless told otherwise: at most 8 threads.
    public static let shared = OffloadPool()

    /// The most threads at a time.
    public let maximumThreads: Int

    private let idleTime: Duration
    private let spawn: SystemThread.Spawn
    private let monitor = Monitor()
    /// What was taken is nil, so that it can be released when it is done.
    private var waiting: [(@Sendable () -> Void)?] = []
    /// The first in `waiting` that has not been taken.
    private var head = 0
    private var threads = 0
    private var idleThreads = 0

    /// Makes a pool without threads. It lives until its last thread has ended.
    ///
    /// - Parameters:
    ///   - maximumThreads: The most threads at a time, at least 1. Default 8.
    ///   - idleTime: How long a thread stays without work. Default 10 seconds.
    public convenience init(maximumThreads: Int = 8, idleTime: Duration = .seconds(10)) {
        self.init(maximumThreads: maximumThreads, idleTime: idleTime, spawn: SystemThread.spawn)
    }

    init(maximumThreads: Int, idleTime: Duration, spawn: @escaping SystemThread.Spawn) {
        precondition(maximumThreads > 0, "an offload pool of \(maximumThreads) threads, expected at least 1")
        self.maximumThreads = maximumThreads
        self.idleTime = idleTime
        self.spawn = spawn
    }

    /// How many threads there are. Any thread.
    public var threadCount: Int {
        monitor.lock()
        defer { monitor.unlock() }
        return threads
    }

    /// Has the work run on one of the threads. Any thread.
    ///
    /// If there is none and the system refuses to start one, the work runs right here: late is better than never.
    public func submit(_ work: @escaping @Sendable () -> Void) {
        monitor.lock()
        waiting.append(work)
        let needsThread = idleThreads < waiting.count - head && threads < maximumThreads
        if needsThread { threads += 1 }
        monitor.signal()
        monitor.unlock()
        guard needsThread, spawn("offload", { self.serve() }) != 0 else { return }
        monitor.lock()
        threads -= 1
        let stranded = threads == 0
        monitor.unlock()
        while stranded, let work = takeWaiting() { work() }
    }

    private func takeWaiting() -> (@Sendable () -> Void)? {
        monitor.lock()
        defer { monitor.unlock() }
        return popWaiting()
    }

    /// The life of a thread.
    private func serve() {
        while let work = nextWork() { work() }
    }

    /// The next piece of work; nil when the thread is to end.
    private func nextWork() -> (@Sendable () -> Void)? {
        monitor.lock()
        defer { monitor.unlock() }
        let deadline = MonotonicTime.now() + idleTime
        while true {
            if let work = popWaiting() { return work }
            idleThreads += 1
            let isInTime = monitor.wait(until: deadline)
            idleThreads -= 1
            guard isInTime || head < waiting.count else {
                threads -= 1
                return nil
            }
        }
    }

    /// Under the lock.
    private func popWaiting() -> (@Sendable () -> Void)? {
        guard head < waiting.count else { return nil }
        let work = waiting[head].take()
        head += 1
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: head <= 1024)
            head = 0
        } else if head >= 1024, head * 2 >= waiting.count {
            waiting.removeFirst(head)
            head = 0
        }
        return work
    }
}

// Safety: every variable is touched under `monitor` only; the rest is constant.
extension OffloadPool: @unchecked Sendable {}
