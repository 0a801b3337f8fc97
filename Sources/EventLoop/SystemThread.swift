import CSystem
import Glibc

/// Starting threads of the operating system.
enum SystemThread {
    /// Starts a thread and returns 0, or an errno when the system refuses.
    typealias Spawn = @Sendable (_ name: String, _ body: @escaping @Sendable () -> Void) -> Int32

    /// A detached thread with all signals blocked, for work that must not be interrupted.
    static let spawn: Spawn = { name, body in
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        return spawnInheriting(name, body)
    }

    /// A detached thread with the signal mask of the caller.
    static let spawnInheriting: Spawn = { name, body in
        // Safety: let go of by the thread (`enter`), or below when there is none.
        let context = Unmanaged.passRetained(Body(name: name, run: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, enter, context.toOpaque())
        if status != 0 { context.release() }
        return status
    }

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private static let enter: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        guard let context else { return nil }
        // Safety: `spawnInheriting` retained it for this thread alone.
        let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
        csystem_name_thread(body.name)
        body.run()
        return nil
    }
}
