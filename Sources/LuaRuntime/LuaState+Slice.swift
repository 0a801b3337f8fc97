import CGreen

/// The end of a slice: how code that does not wait is made to give way.
extension LuaState {
    /// What is to become of code whose slice is over.
    public enum SliceEnd {
        /// It goes on, until the next tick of the timer.
        public static let goOn = Int32(CG_GO_ON)
        /// It gives way; only where it may park.
        public static let giveWay = Int32(CG_GIVE_WAY)
        /// The value on top of the stack is raised.
        public static let raise = Int32(CG_RAISE)
        /// The same, and nothing can catch it before the green has ended.
        public static let stop = Int32(CG_STOP)
    }

    /// Asked when a slice is over, on the stack of what runs; `mayPark` says whether it may give way there. Answers a
    /// `SliceEnd`. Must not allocate in the Lua state.
    public typealias SliceHandler = @convention(c) (OpaquePointer, _ mayPark: Bool) -> Int32

    /// How long a run may last, in nanoseconds of processor time (0: for ever), and who is asked then.
    public func setSlice(_ nanoseconds: Int64, ended: SliceHandler) {
        cg_set_slice(main.pointer, nanoseconds, ended)
    }

    /// Has the handler asked every `step` instructions, and `RunMeter.steps` counted down: doubles the cost of Lua
    /// code. 0 for no more. Greens that have begun are not counted.
    public func countInstructions(every step: Int) { cg_count_instructions(main.pointer, Int32(step)) }

    /// For tests: every so many'th look at whether the slice is over says yes; 0: the timer alone does.
    public func endSlices(every looks: Int) { cg_end_slices(main.pointer, Int32(looks)) }

    /// The coroutine, perhaps a script's own, that gave way last.
    public var preemptedStack: LuaStack? { cg_preempted_in(main.pointer).map { LuaStack($0) } }

    /// Whether the call from Swift, outside of any green, has used so many nanoseconds of processor time (0: no limit),
    /// or what a metamethod may take there.
    public func isSpentOutside(_ most: Int64) -> Bool { cg_is_spent_outside(main.pointer, most) }

    /// For how many nanoseconds of processor time what runs has not given way.
    public var runTime: Int64 { cg_run_time(main.pointer) }

    /// The error of greens that are stopped: the value on top of the main stack, which is taken off.
    public func setStopError() { cg_set_stop_error(main.pointer) }
}

extension LuaStack {
    /// Whether the slice of what runs is over; otherwise its handler is asked for another reason.
    public var isSliceOver: Bool { cg_is_slice_over(pointer) }

    /// Has the slice's handler asked before the next instruction of this coroutine, which is not running.
    public func askAtNextInstruction() { cg_ask_at_next_instruction(pointer) }
}
