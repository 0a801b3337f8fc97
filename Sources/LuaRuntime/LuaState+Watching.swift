import CGreen

/// What is told of scripts without being asked for: runs that keep the thread, and warnings.
extension LuaState {
    /// Told of a run that has lasted too long, on the stack of what ran: as soon as Lua code goes on, or at the run's
    /// end. Must not raise.
    public typealias BlockedHandler = @convention(c) (OpaquePointer, _ nanoseconds: Int64) -> Void

    /// Told a whole warning, on the main stack. Must not raise, nor run Lua code.
    public typealias WarningHandler = @convention(c) (OpaquePointer, UnsafePointer<CChar>, Int) -> Void

    /// How long one run may last on the wall's clock, in nanoseconds (0: for ever), and who is told.
    public func watchRuns(longerThan nanoseconds: Int64, blocked: BlockedHandler) {
        cg_watch_runs(main.pointer, nanoseconds, blocked)
    }

    /// Who is told what `warn` says, and errors of finalizers. Scripts turn warnings off by `warn("@off")`.
    public func setWarnings(_ warned: WarningHandler) { cg_set_warned(main.pointer, warned) }
}
