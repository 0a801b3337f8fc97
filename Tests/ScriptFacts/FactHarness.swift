import Greenhouse

/// What a folder of scripts needs beside the host: globals of its own, and what became of a run.
package protocol FactHarness: AnyObject {
    /// Puts itself into the runner's state.
    init(_ runner: ScriptRunner) throws

    /// What the scheduler has logged, and no fact has asked for.
    var logged: [String] { get }
}
