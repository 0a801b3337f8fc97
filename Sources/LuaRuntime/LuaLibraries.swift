import CGreen

/// The standard libraries (manual 6) that a state opens.
public struct LuaLibraries: OptionSet, Sendable {
    /// The bits as the membrane takes them.
    public let rawValue: Int32

    /// Takes bits as the membrane takes them.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    private init(_ bit: Int) { rawValue = Int32(bit) }

    /// `print`, `pcall`, `pairs` and their like.
    public static let base = LuaLibraries(CG_LIB_BASE)
    /// `coroutine`, in the version that lets waits pass through.
    public static let coroutine = LuaLibraries(CG_LIB_COROUTINE)
    /// `table`.
    public static let table = LuaLibraries(CG_LIB_TABLE)
    /// `string`.
    public static let string = LuaLibraries(CG_LIB_STRING)
    /// `math`.
    public static let math = LuaLibraries(CG_LIB_MATH)
    /// `utf8`.
    public static let utf8 = LuaLibraries(CG_LIB_UTF8)
    /// `require` and `package`: reads files and loads C modules.
    public static let package = LuaLibraries(CG_LIB_PACKAGE)
    /// `io`: files and processes; its calls block the loop.
    public static let io = LuaLibraries(CG_LIB_IO)
    /// `os`: the time, and programs to run.
    public static let os = LuaLibraries(CG_LIB_OS)
    /// `debug`: reaches everything.
    public static let debug = LuaLibraries(CG_LIB_DEBUG)
    /// Of `os` only what tells the time: `clock`, `date`, `difftime`, `time`.
    public static let time = LuaLibraries(CG_LIB_TIME)
    /// Of `debug` only `traceback`.
    public static let traceback = LuaLibraries(CG_LIB_TRACEBACK)

    /// All of them: for scripts as trusted as the program itself.
    public static let all: LuaLibraries = [
        .base, .coroutine, .table, .string, .math, .utf8, .package, .io, .os, .debug,
    ]
    /// Nothing that reaches files, processes or C modules.
    public static let computing: LuaLibraries = [.base, .coroutine, .table, .string, .math, .utf8]
    /// For scripts that are not trusted: `computing`, the time, and tracebacks.
    public static let sandboxed: LuaLibraries = computing.union([.time, .traceback])
}
