import Foundation

/// The built `greenhouse`, run as a person would.
struct Command {
    /// What a finished run left.
    struct Result {
        let code: Int32
        let output: String
        let errors: String
        /// Lines on standard error.
        var errorLines: [Substring] { errors.split(separator: "\n") }
    }

    /// Beside the test bundle.
    private static var executable: URL {
        let bundle = Bundle.allBundles.map(\.bundleURL).first { $0.pathExtension == "xctest" }
        let folder =
            bundle?.deletingLastPathComponent()
            ?? URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return folder.appendingPathComponent("greenhouse")
    }

    /// Runs it to its end.
    static func run(_ arguments: String..., input: String = "") throws -> Result {
        let running = try Running(arguments, input: input)
        return running.finish()
    }

    /// One that goes on until it is told to stop.
    final class Running {
        private let process = Process()
        private let output = Pipe()
        private let errors = Pipe()
        private var seen = ""

        init(_ arguments: [String], input: String = "") throws {
            process.executableURL = Command.executable
            process.arguments = arguments
            process.standardOutput = output
            process.standardError = errors
            let given = Pipe()
            process.standardInput = given
            try process.run()
            given.fileHandleForWriting.write(Data(input.utf8))
            try given.fileHandleForWriting.close()
        }

        /// Waits until standard error has this text; nil when the program ends before.
        func waitForError(containing text: String) -> String? {
            while !seen.contains(text) {
                let more = errors.fileHandleForReading.availableData
                if more.isEmpty { return nil }
                seen += String(decoding: more, as: UTF8.self)
            }
            return seen
        }

        func terminate() { process.terminate() }

        func signal(_ number: Int32) { kill(process.processIdentifier, number) }

        func finish() -> Result {
            let out = output.fileHandleForReading.readDataToEndOfFile()
            let rest = errors.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Result(
                code: process.terminationStatus, output: String(decoding: out, as: UTF8.self),
                errors: seen + String(decoding: rest, as: UTF8.self))
        }
    }
}

/// A script in a file of its own, gone afterwards.
final class TemporaryScript {
    let path: String

    init(_ text: String) throws {
        path = NSTemporaryDirectory() + "greenhouse-\(UUID().uuidString).lua"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
