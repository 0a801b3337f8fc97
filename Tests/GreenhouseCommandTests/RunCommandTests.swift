import Glibc
import Testing

/// `greenhouse run`: what scripts get, and what wrong ones are told.
@Suite struct RunCommandTests {
    @Test func severalTextsAreLinesOfOneWhichMayBeginWithAComment() throws {
        let result = try Command.run("run", "-e", "-- two lines", "-e", "local x = 2", "-e", "print(x)")
        #expect(result.output == "2\n")
    }

    @Test func aScriptGetsItsArguments() throws {
        let script = try TemporaryScript("print(arg[0] ~= nil, arg[1], arg[2], ...)")
        let result = try Command.run("run", script.path, "a", "--b")
        #expect(result.output == "true\ta\t--b\ta\t--b\n")
        #expect(result.code == 0)
    }

    @Test func aMinusReadsStandardInput() throws {
        let result = try Command.run("run", "-", "x", input: "print('in', arg[1])")
        #expect(result.output == "in\tx\n")
    }

    @Test func aTextRunsWithMinusE() throws {
        #expect(try Command.run("run", "-e", "print(1 + 1)").output == "2\n")
    }

    @Test func theTopLevelMayWait() throws {
        let result = try Command.run("run", "-e", "require('green').sleep(0.01) print('woke')")
        #expect(result.output == "woke\n")
    }

    @Test func theRunEndsWhenEveryGreenHasEnded() throws {
        let result = try Command.run(
            "run", "-e", "local g = require 'green' g.spawn(function() g.sleep(0.05) print('late') end) print('early')")
        #expect(result.output == "early\nlate\n")
        #expect(result.code == 0)
    }

    @Test func osExitEndsAtOnceWithItsCode() throws {
        let result = try Command.run("run", "-e", "require('green').spawn(print, 'never') os.exit(7)")
        #expect(result.code == 7)
        #expect(result.output.isEmpty)
    }

    @Test func aSandboxedScriptReachesNoFilesAndNoProcesses() throws {
        let source = "print(pcall(os.execute, 'true')) print(pcall(io.open, '/etc/passwd')) print(os.time() > 0)"
        let script = try TemporaryScript(source)
        let closed = try Command.run("run", "--sandbox", script.path)
        #expect(
            closed.output == """
                false\tos.execute is not available: this host is sandboxed
                false\tio.open is not available: this host is sandboxed
                true

                """)
        #expect(try Command.run("run", script.path).output.hasPrefix("true\ttrue\texit\t0\ntrue\tfile"))
    }

    @Test func aSandboxedScriptGetsItsArguments() throws {
        let result = try Command.run("run", "--sandbox", "-e", "print(arg[1], ...)", "a")
        #expect(result.output == "a\ta\n")
    }

    @Test func aSandboxedScriptReadsJSONOfResponses() throws {
        let source = "print(GreenHttp { app = function() return '[1]' end }:get('/'):json()[1])"
        #expect(try Command.run("run", "--sandbox", "-e", source).output == "1\n")
    }

    @Test func withStrictAMisspelledGlobalIsAnErrorWithItsLine() throws {
        let script = try TemporaryScript("local n = 1\nprint(m)")
        for result in [
            try Command.run("run", "--strict", script.path),
            try Command.run("run", "--strict", "--sandbox", script.path),
        ] {
            #expect(result.errorLines.first?.contains(":2: the global 'm' is not defined (strict globals") == true)
            #expect(result.code == 1)
        }
    }

    @Test func helpTeachesTheSandbox() throws {
        for command in ["run", "serve"] {
            let help = try Command.run("help", command).output
            #expect(help.contains("--sandbox") && help.contains("--strict") && help.contains("GreenHttp still reaches"))
        }
    }

    @Test func aMissingFileIsOneLineAndCode1() throws {
        let result = try Command.run("run", "/nowhere/script.lua")
        #expect(result.errors == "greenhouse: cannot read /nowhere/script.lua: No such file or directory\n")
        #expect(result.code == 1)
    }

    @Test func theMarkOfUTF8IsSkippedAndLinesCountRight() throws {
        let script = try TemporaryScript("\u{FEFF}print('read')\nerror('here')")
        let result = try Command.run("run", script.path)
        #expect(result.output == "read\n")
        #expect(result.errorLines.first?.contains(":2: here") == true)
    }

    @Test func anUnknownCommandSaysWhichThereAre() throws {
        let result = try Command.run("sevre", "app.lua")
        #expect(result.errors == "greenhouse: unknown command 'sevre': expected serve, run, version or help\n")
        #expect(result.code == 2)
        let script = try TemporaryScript("print('x')")
        let hint = try Command.run(script.path)
        #expect(hint.errors.hasSuffix("or help; to run a script: greenhouse run \(script.path)\n"))
    }

    @Test func twoDashesEndTheOptionsBehindATextAsWell() throws {
        let result = try Command.run("run", "-e", "print(arg[1], ...)", "--", "--slice", "5")
        #expect(result.output == "--slice\t--slice\t5\n")
    }

    @Test func aSyntaxErrorNamesFileAndLine() throws {
        let script = try TemporaryScript("local ok = 1\nx = = 2")
        let result = try Command.run("run", script.path)
        #expect(result.errorLines.count == 1)
        #expect(result.errors.contains(":2: unexpected symbol near '='"))
        #expect(result.code == 1)
    }

    @Test func aRuntimeErrorNamesFileAndLineAndCode1() throws {
        let script = try TemporaryScript("local x = nil\nreturn x.field")
        let result = try Command.run("run", script.path)
        #expect(result.errorLines.first?.contains(":2: attempt to index a nil value") == true)
        #expect(result.errors.contains("stack traceback:"))
        #expect(result.code == 1)
    }

    @Test func aDeadlockIsReportedWithEachGreen() throws {
        let result = try Command.run("run", "-e", "local g = require 'green' g.spawn(function() g.Event():wait() end)")
        #expect(result.errors.contains("deadlock: 1 green(s) wait for something that can never happen"))
        #expect(result.errors.contains("waits for an Event at (command line):1"))
        #expect(result.code == 1)
    }

    @Test func aSIGUSR1PrintsWhatEveryGreenDoesAndTheScriptGoesOn() throws {
        let script = try TemporaryScript(
            """
            local green = require("green")
            green.spawn(function()
              io.stderr:write("begun\\n")
              green.sleep(1)
              print("went on")
            end)
            """)
        let running = try Command.Running(["run", script.path])
        #expect(running.waitForError(containing: "begun") != nil)
        running.signal(SIGUSR1)
        let report = try #require(running.waitForError(containing: "stack traceback:"))
        #expect(report.contains("1 green(s), "))
        #expect(report.contains("green 2 waits for a sleep to end at "))
        #expect(report.contains(":4, since 0."))
        let result = running.finish()
        #expect(result.output == "went on\n")
        #expect(result.code == 0)
    }

    @Test func aWarningGoesToStandardError() throws {
        let result = try Command.run("run", "-e", "warn('mind the gap')")
        #expect(result.errors == "warning in green 1: mind the gap\n")
        #expect(result.code == 0)
    }

    @Test func aCallThatBlocksIsReported() throws {
        let script = try TemporaryScript("local ok = os.execute('sleep 0.4')\nreturn ok")
        let result = try Command.run("run", "--blocked-after", "10", script.path)
        #expect(result.errors.contains("green 1 blocked its loop for 0."))
        #expect(result.errors.contains("in main chunk"))
        #expect(try Command.run("run", "--blocked-after", "0", script.path).errors.isEmpty)
    }

    @Test(arguments: ["__index", "__tostring"])
    func anErrorThatNeverTellsWhatItIsEndsAtTheLimits(_ event: String) throws {
        let source = "error(setmetatable({}, {\(event) = function() while true do end end}))"
        let result = try Command.run("run", "--time-limit", "0.1", "-e", source)
        #expect(
            result.errors.hasPrefix(
                "greenhouse: the error is a value whose text cannot be read (its __tostring or __index fails)\nstack traceback:"
            ))
        #expect(result.errors.contains("(command line):1: in main chunk"))
        #expect(result.code == 1)
    }

    @Test func aScriptWithoutMemoryIsToldSo() throws {
        let source = "local t = {} while true do t[#t + 1] = {} end"
        let result = try Command.run("run", "--memory-limit", "64M", "-e", source)
        #expect(
            result.errors.hasPrefix(
                "greenhouse: not enough memory: the limit is 64 MiB\nstack traceback:\n\t(command line):1:"))
        #expect(result.code == 1)
    }

    @Test func theTracebackGoesOnIntoTheGreenThatWasWaitedFor() throws {
        let source = """
            local function inner() error "x" end
            local f = green.spawn(function() green.wait(green.spawn(function() inner() end)) end)
            green.wait(f)
            """
        let script = try TemporaryScript("green = require 'green'\n" + source)
        let result = try Command.run("run", script.path)
        let parts = result.errors.split(separator: "\nin green ")
        #expect(parts.count == 3)
        #expect(parts.first?.contains(":4: in main chunk") == true)
        #expect(parts.dropFirst().first?.hasPrefix("2:\n") == true)
        #expect(parts.last?.hasPrefix("3:\n") == true && parts.last?.contains(":2: in upvalue 'inner'") == true)
    }

    @Test func noScriptIsAWrongCommandLine() throws {
        let result = try Command.run("run")
        #expect(result.errors.contains("a script is missing"))
        #expect(result.code == 2)
    }

    @Test func aGreenIsStoppedAfterItsInstructionsAndTheOthersGoOn() throws {
        let script = try TemporaryScript(
            "require('green').spawn(function() while true do end end) require('green').sleep(0) print('alive')")
        let result = try Command.run("run", "--instruction-limit", "100000", script.path)
        #expect(result.output == "alive\n")
        #expect(result.errors.contains("ran its 100000 instructions"))
    }

    @Test func anInstructionLimitBelow1IsAWrongCommandLine() throws {
        let result = try Command.run("run", "--instruction-limit", "0", "-e", "x = 1")
        #expect(result.errors.contains("--instruction-limit 0: expected a number from 1 up"))
        #expect(result.code == 2)
    }
}
