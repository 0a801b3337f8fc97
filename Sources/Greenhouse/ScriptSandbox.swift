/// How far a host trusts its scripts.
///
/// In a closed sandbox each script has globals of its own, no script can change what another one uses, and finalizers,
/// bytecode and switches of the collector are refused; see <doc:Sandbox>. What scripts find of the standard libraries
/// is another question: `LuaLibraries`.
public struct ScriptSandbox: Sendable {
    /// Whether each script is kept from the others and from what only the host may do.
    public let isClosed: Bool
    /// In a closed sandbox: the folders in which `require` looks for modules, text files only. None by default.
    public var moduleFolders: [String] = []
    /// Whether reading a global that is not defined raises an error, and assigning one in a function.
    public var hasStrictGlobals = false

    /// For scripts that are not trusted, and for several apps in one host.
    public static let closed = ScriptSandbox(isClosed: true)
    /// For scripts as trusted as the host: plain Lua, one table of globals.
    public static let open = ScriptSandbox(isClosed: false)
}
