extension EventLoop {
    /// Runs blocking work on a thread of the pool, then the completion on the loop. Loop thread.
    ///
    /// Until the completion has run, the call is pending work (``hasPendingWork``). The loop is retained until the work
    /// has ended.
    ///
    /// - Parameters:
    ///   - work: Runs on another thread, at the same time as the loop; cannot be called back.
    ///   - completion: Gets the work's result on the loop's thread, and is released there.
    public func offload<T: Sendable>(_ work: @escaping @Sendable () -> T, completion: @escaping (T) -> Void) {
        assertOnLoop()
        offloadedCalls += 1
        let call = TypedOffloadedCall(work: work, completion: completion)
        offloadPool.submit { [self] in
            call.compute()
            add(.completion(call))
        }
    }
}
