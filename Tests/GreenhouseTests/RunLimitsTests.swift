import Greenhouse
import Testing

/// What greens may use: scripts that take more, and how they end. One after the other, as they count processor time.
@Suite(.serialized) enum RunLimitsTests {
    /// How a script ends that runs within limits.
    static func ending(_ source: String, _ limits: RunLimits) throws -> (error: LuaError?, log: String) {
        let runner = try ScriptRunner(limits: limits)
        let log = Log()
        runner.scheduler.log = { log.lines.append($0) }
        let ending = try runner.run(ScriptFile(source: source, name: "t"), name: "t", arguments: [])
        runner.scheduler.close()
        switch ending {
        case .succeeded: return (nil, log.text)
        case .failed(let error): return (error, log.text)
        case .deadlock(let report): throw LuaError(.runtime, report)
        }
    }

    private final class Log {
        var lines: [String] = []
        var text: String { lines.joined(separator: "\n") }
    }

    static let cpu = RunLimits(processorTime: .milliseconds(40), grace: .milliseconds(100))
    static let deadline = RunLimits(deadline: .milliseconds(60), grace: .milliseconds(100))
}
