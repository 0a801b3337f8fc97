import Green
import LuaRuntime

/// Looking at what a host does.
extension ScriptHost {
    /// Every green that lives: what it does and since when, the processor time that it has used, where it began, and its
    /// traceback. For people; scripts have `green.list`.
    public func greensReport() throws(LuaError) -> String { try core.opened().greensReport() }

    /// Whether greens remember which line started them, which makes a start three times as slow. Off by default.
    public func recordSpawnSites(_ isOn: Bool = true) throws(LuaError) { try core.opened().recordsSpawnSites = isOn }
}
