import Glibc

/// A lock and a condition to wait for under it. The condition's times are those of `CLOCK_MONOTONIC`.
final class Monitor {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        var status = pthread_mutex_init(mutex, nil)
        if status == 0 { status = pthread_condattr_init(&attributes) }
        if status == 0 { status = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) }
        if status == 0 { status = pthread_cond_init(condition, &attributes) }
        pthread_condattr_destroy(&attributes)
        precondition(status == 0, "bug: a lock could not be made, errno \(status)")
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func lock() {
        pthread_mutex_lock(mutex)
    }

    func unlock() {
        pthread_mutex_unlock(mutex)
    }

    /// Wakes one waiter.
    func signal() {
        pthread_cond_signal(condition)
    }

    /// Wakes all waiters.
    func broadcast() {
        pthread_cond_broadcast(condition)
    }

    /// Waits under the lock, which is free meanwhile. May return for no reason.
    func wait() {
        pthread_cond_wait(condition, mutex)
    }

    /// Waits like ``wait()``, but not longer than to the deadline; false when that has come.
    func wait(until deadline: MonotonicTime) -> Bool {
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        return pthread_cond_timedwait(condition, mutex, &time) != ETIMEDOUT
    }
}

// Safety: mutex and condition are made for use by many threads; their memory stays in place until nobody can use them.
extension Monitor: @unchecked Sendable {}
