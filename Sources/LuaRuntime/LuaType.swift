/// The types of Lua values (manual 2.1), by the numbers of `lua.h`.
public enum LuaType: Int32, Sendable {
    /// No value at that index.
    case none = -1
    case `nil` = 0
    case boolean = 1
    case lightUserdata = 2
    case number = 3
    case string = 4
    case table = 5
    case function = 6
    case userdata = 7
    case thread = 8
}
