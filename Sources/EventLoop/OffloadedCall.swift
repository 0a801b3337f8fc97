/// A piece of offloaded work on its way back to the loop.
// Safety: one thread has it at a time: the loop's until it is submitted, the pool's until the inbox's lock passes it
// back, the loop's from then on.
class OffloadedCall: @unchecked Sendable {
    /// Called once, on the loop.
    func finish() {}
}

/// The work with its result's type.
// Safety: as the class it derives from.
final class TypedOffloadedCall<T: Sendable>: OffloadedCall, @unchecked Sendable {
    private var work: (@Sendable () -> T)?
    private var result: T?
    private var completion: ((T) -> Void)?

    init(work: @escaping @Sendable () -> T, completion: @escaping (T) -> Void) {
        self.work = work
        self.completion = completion
    }

    /// Called once, on a thread of the pool.
    func compute() {
        result = work?()
        work = nil
    }

    override func finish() {
        guard let completion, let result else { fatalError("bug: offloaded work came back without a result") }
        // What it captured may be the loop's own: it must be gone before the pool's thread lets go of the call.
        self.completion = nil
        self.result = nil
        completion(result)
    }
}
