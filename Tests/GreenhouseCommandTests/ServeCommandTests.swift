import Glibc
import Testing

/// `greenhouse serve`: ready, stopped, and what wrong apps and addresses are told.
@Suite struct ServeCommandTests {
    @Test func aReadyLineNamesTheChosenPortAndSIGTERMEndsWithCode0() throws {
        let app = try TemporaryScript("return function(request) return 'hi' end")
        let server = try Command.Running(["serve", app.path, "--bind", "127.0.0.1:0"])
        let ready = try #require(server.waitForError(containing: "\n"))
        #expect(ready.contains("listening on http://127.0.0.1:"))
        #expect(!ready.contains("127.0.0.1:0 "))
        server.terminate()
        #expect(server.finish().code == 0)
    }

    @Test func aSIGUSR1PrintsWhatEveryGreenDoesAndTheServerGoesOn() throws {
        let app = try TemporaryScript(
            """
            local green = require("green")
            green.spawn(function() green.Event():wait() end)
            return function(request) return 'hi' end
            """)
        let server = try Command.Running(["serve", app.path, "--bind", "127.0.0.1:0", "--development"])
        #expect(server.waitForError(containing: "listening on") != nil)
        for _ in 1...2 {
            server.signal(SIGUSR1)
            let report = try #require(server.waitForError(containing: ":2: in function <"))
            #expect(report.contains("1 green(s), "))
            #expect(report.contains("green 2 waits for an Event at "))
            #expect(report.contains(", spawned by green 1 at "))
        }
        server.terminate()
        #expect(server.finish().code == 0)
    }

    @Test func theTopLevelOfAnAppMayWait() throws {
        let app = try TemporaryScript("require('green').sleep(0.01) return { ['GET /'] = function() return 'hi' end }")
        let server = try Command.Running(["serve", app.path, "--bind", "127.0.0.1:0"])
        #expect(server.waitForError(containing: "listening on") != nil)
        server.terminate()
        #expect(server.finish().code == 0)
    }

    @Test func aSandboxedAppIsServedAndReachesNoFiles() throws {
        let app = try TemporaryScript("assert(not pcall(io.open, '/etc/passwd')) return function() return 'hi' end")
        let server = try Command.Running(["serve", app.path, "--sandbox", "--bind", "127.0.0.1:0"])
        #expect(server.waitForError(containing: "listening on") != nil)
        server.terminate()
        #expect(server.finish().code == 0)
        let failed = try Command.run("serve", app.path, "--bind", "127.0.0.1:0")
        #expect(failed.errors.contains("assertion failed"))
    }

    @Test func aPortInUseSaysSoAndWhatToDo() throws {
        let app = try TemporaryScript("return function() return 'hi' end")
        let first = try Command.Running(["serve", app.path, "--bind", "127.0.0.1:0"])
        defer {
            first.terminate()
            _ = first.finish()
        }
        let ready = try #require(first.waitForError(containing: "\n"))
        let port = try #require(ready.split(separator: ":").dropFirst(3).first?.prefix { $0.isNumber })
        let second = try Command.run("serve", app.path, "--bind", "127.0.0.1:\(port)")
        #expect(second.errorLines.count == 1)
        #expect(second.errors.contains("another program is listening on 127.0.0.1:\(port)"))
        #expect(second.code == 1)
    }

    @Test(arguments: [
        ("return 5", "got number"), ("return nil", "got nothing"), ("return {}", "empty table"),
        ("error('at load')", ":1: at load"), ("x = = 1", ":1: unexpected symbol"),
        ("return { ['GET users'] = print }", "GET users"),
    ])
    func anAppThatIsNoneSaysWhatWasExpected(_ text: String, _ expected: String) throws {
        let app = try TemporaryScript(text)
        let result = try Command.run("serve", app.path, "--bind", "127.0.0.1:0")
        #expect(result.errorLines.first?.contains(expected) == true, "\(result.errors)")
        #expect(result.code == 1)
    }

    @Test(arguments: [
        ["serve"], ["serve", "app.lua", "--bogus"], ["serve", "app.lua", "--bind", "nowhere:x"],
        ["serve", "app.lua", "--max-workers", "0"], ["serve", "app.lua", "--timeout", "-1"], ["bogus"],
    ])
    func aWrongCommandLineIsCode2(_ arguments: [String]) throws {
        let result = try Command.Running(arguments).finish()
        #expect(result.code == 2)
        #expect(!result.errors.isEmpty)
    }

    @Test func helpTeachesAndIsCode0() throws {
        for arguments in [["--help"], ["serve", "--help"], ["run", "--help"], ["version"]] {
            let result = try Command.Running(arguments).finish()
            #expect(result.code == 0)
            #expect(result.output.contains("greenhouse"))
        }
    }
}
