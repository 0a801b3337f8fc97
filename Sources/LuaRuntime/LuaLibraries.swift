import CGreen

/// The standard libraries (manual 6) that a state opens.
public struct LuaLibraries: OptionSet, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    private init(_ bit: Int) { rawValue = Int32(bit) }

    public static let base = LuaLibraries(CG_LIB_BASE)
    public static let coroutine = LuaLibraries(CG_LIB_COROUTINE)
    public static let table = LuaLibraries(CG_LIB_TABLE)
    public static let string = LuaLibraries(CG_LIB_STRING)
    public static let math = LuaLibraries(CG_LIB_MATH)
    public static let utf8 = LuaLibraries(CG_LIB_UTF8)
    /// `require` and `package`: reads files and loads C modules.
    public static let package = LuaLibraries(CG_LIB_PACKAGE)
    public static let io = LuaLibraries(CG_LIB_IO)
    public static let os = LuaLibraries(CG_LIB_OS)
    public static let debug = LuaLibraries(CG_LIB_DEBUG)

    /// All of them: for scripts as trusted as the program itself.
    public static let all: LuaLibraries = [
        .base, .coroutine, .table, .string, .math, .utf8, .package, .io, .os, .debug,
    ]
    /// Nothing that reaches files, processes or C modules.
    public static let computing: LuaLibraries = [.base, .coroutine, .table, .string, .math, .utf8]
}
