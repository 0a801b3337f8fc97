import LuaRuntime

/// Spans of time as scripts give them: seconds, whole or fractional.
enum Seconds {
    /// How an argument reads as a timeout.
    enum Reading {
        /// nil, or more than a century: no timeout.
        case none
        case nanoseconds(Int64)
        case bad
    }

    /// Reads a number of seconds. Negative ones count as zero; NaN and other types are bad.
    static func read(_ lua: LuaStack, at index: Int32) -> Reading {
        if lua.isNil(at: index) { return .none }
        guard let seconds = lua.number(at: index), !seconds.isNaN else { return .bad }
        if seconds > 3.2e9 { return .none }
        return .nanoseconds(seconds > 0 ? Int64((seconds * 1e9).rounded(.up)) : 0)
    }
}
