import LuaRuntime

/// Which Greenhouse this is.
public enum Version {
    /// By the rules of semantic versioning.
    public static let number = "0.1.0"

    /// What `greenhouse version` prints.
    public static var text: String { "greenhouse \(number) (\(LuaState.release))" }
}
