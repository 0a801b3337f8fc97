/// A counted reference that is used without counting each use: atomic counting is what a short run would spend most
/// of its time on.
struct Held<Object: AnyObject>: ~Copyable {
    // Safety: retained by `hold`, let go of by `clear`, `deinit` or whoever takes it.
    private var reference: Unmanaged<Object>?

    deinit { reference?.release() }

    /// What is held, for use outside of hot paths.
    var object: Object? { reference?.takeUnretainedValue() }

    /// What is held, not counted: not to be used once it may have been let go of here.
    @inline(__always)
    var borrowed: Unmanaged<Object>? { reference }

    /// Holds another object, or none.
    @inline(__always)
    mutating func hold(_ object: Object?) {
        let before = reference
        reference = object.map { Unmanaged.passRetained($0) }
        before?.release()
    }

    /// Holds nothing any more; the caller lets go of what was held.
    @inline(__always)
    mutating func take() -> Unmanaged<Object>? {
        let taken = reference
        reference = nil
        return taken
    }
}
