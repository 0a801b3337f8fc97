import ArgumentParser
import Greenhouse
import LuaRuntime

/// How far the command line trusts a script: all the way, unless asked otherwise.
struct TrustOptions: ParsableArguments {
    @Flag(help: "Give the script nothing that reaches files, processes, C modules or other scripts.")
    var sandbox = false

    @Flag(help: "Make it an error to read a global that is not defined, or to assign one in a function.")
    var strict = false

    var libraries: LuaLibraries { sandbox ? .sandboxed : .all }

    /// With the modules beside the script.
    func sandbox(for script: ScriptFile) -> ScriptSandbox {
        var made: ScriptSandbox = sandbox ? .closed : .open
        made.hasStrictGlobals = strict
        if let folder = script.folder { made.moduleFolders = [folder] }
        return made
    }
}
