import ArgumentParser
import Glibc
import Greenhouse

/// The command line: `greenhouse serve`, `greenhouse run`, `greenhouse version`.
@main
struct GreenhouseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "greenhouse",
        abstract: "Runs Lua scripts as green coroutines: they read like blocking code and never block the loop.",
        discussion: """
            Examples:
              greenhouse serve app.lua          serve a web app on 127.0.0.1:8060
              greenhouse run script.lua a b     run a script; arg[1] is "a"
              greenhouse run -e 'print("hi")'   run a line
              greenhouse help serve             what serve can do
            """,
        version: Version.text,
        subcommands: [ServeCommand.self, RunCommand.self, VersionCommand.self])

    /// A wrong command line is exit code 2, a failure while running 1.
    static func main() {
        do {
            try checkCommand(CommandLine.arguments.dropFirst().first)
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            Terminal.complain(failure.message)
            Glibc.exit(failure.code)
        } catch {
            let code = exitCode(for: error)
            if code.isSuccess {
                print(fullMessage(for: error))
                Glibc.exit(0)
            }
            Terminal.complain(message(for: error) + " (see greenhouse --help, or greenhouse help <subcommand>)")
            Glibc.exit(2)
        }
    }
}

extension GreenhouseCommand {
    /// The parser would call a misspelled command, or a script without one, an unexpected argument.
    private static func checkCommand(_ word: String?) throws {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let word, !word.hasPrefix("-"), !names.contains(word) else { return }
        let hint = access(word, R_OK) == 0 ? "; to run a script: greenhouse run \(word)" : ""
        throw CommandFailure(
            message: "unknown command '\(word)': expected \(names.dropLast().joined(separator: ", ")) or help\(hint)",
            code: 2)
    }
}

/// Ends the program with a message and a code.
struct CommandFailure: Error {
    /// For the person at the terminal.
    let message: String
    /// 1: what was asked for failed; 2: it was asked for wrongly.
    var code: Int32 = 1
}

/// Standard error.
enum Terminal {
    /// One message, by default as the program's own.
    static func complain(_ message: String, prefix: String = "greenhouse: ") {
        var text = "\(prefix)\(message)\n"
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// `greenhouse version`.
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Prints the versions of Greenhouse and of Lua.")

    func run() throws { print(Version.text) }
}
