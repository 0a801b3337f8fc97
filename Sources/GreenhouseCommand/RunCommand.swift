import ArgumentParser
import Glibc
import Greenhouse

/// `greenhouse run`.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a script until all its greens have ended.",
        discussion: """
            The script's top level is a green: it may wait. `arg` holds the arguments, as with `lua`.
            Exit code: 0; 1 when the script raised an error, or waits for what can never
            happen; errors of greens that nobody waits for are only told. os.exit(code) ends
            the program at once.
            SIGUSR1 prints what every green does, with its traceback, to standard error.

            With --sandbox the script finds no files, processes, C modules or debug
            library; require finds Lua modules beside the script. GreenHttp still reaches
            the network.

            Examples:
              greenhouse run script.lua a b
              greenhouse run - < script.lua
              greenhouse run --memory-limit 64M --time-limit 5 script.lua
              greenhouse run --sandbox untrusted.lua
              greenhouse run -e 'local green = require "green" green.sleep(1) print("done")'
            """)

    @Option(
        name: .short, parsing: .unconditionalSingleValue,  // It may begin with a comment.
        help: ArgumentHelp(
            "Run this text instead of a file; several are lines of one text.", valueName: "code"))
    var e: [String] = []

    @OptionGroup var limits: LimitOptions

    @OptionGroup var trust: TrustOptions

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("The script (- for standard input), then its arguments.", valueName: "script"))
    var words: [String] = []

    func validate() throws {
        guard e.isEmpty else { return }
        let script = words.first == "--" ? words.dropFirst().first : words.first
        guard let script else { throw ValidationError("a script is missing: greenhouse run <script> [<args> ...]") }
        if words.first != "--", script.hasPrefix("-"), !["-", "-h", "--help"].contains(script) {
            throw ValidationError("unknown option '\(script)' (a script of that name: greenhouse run -- \(script))")
        }
    }

    func run() throws {
        var arguments = words
        if arguments.first == "--help" || arguments.first == "-h" { throw CleanExit.helpRequest(self) }
        if arguments.first == "--" { arguments.removeFirst() }
        let script: ScriptFile
        let name: String
        do throws(LuaError) {
            if !e.isEmpty {
                name = "(command line)"
                script = ScriptFile(source: e.joined(separator: "\n"), name: name)
            } else {
                name = arguments.removeFirst()
                script = try ScriptFile(reading: name)
            }
            SignalSource.block([SIGUSR1])
            let runner = try ScriptRunner(
                libraries: trust.libraries, sandbox: trust.sandbox(for: script), limits: limits.host(forEachGreen: true)
            )
            let reporter = try? SignalSource(loop: runner.loop, signals: [SIGUSR1]) { [unowned runner] _ in
                Terminal.complain(runner.scheduler.greensReport())
            }
            defer { reporter?.cancel() }
            try finish(runner.run(script, name: name, arguments: arguments))
        } catch {
            throw CommandFailure(message: error.description)
        }
    }

    private func finish(_ ending: ScriptRunner.Ending) throws(LuaError) {
        switch ending {
        case .succeeded: return
        case .failed(let error): throw error
        case .deadlock(let report): throw LuaError(.runtime, report)
        }
    }
}
