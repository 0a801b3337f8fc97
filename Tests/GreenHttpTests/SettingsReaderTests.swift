import Green
import Greenhouse
import LuaRuntime
import ScriptFacts
import Testing

@testable import GreenHttp

/// What a script that may not name files can do with options; the rest is in Tests/Scripts/http/options.lua.
@Suite struct SettingsReaderTests {
    /// What a script prints with `told`, in a state without `io`.
    private func told(_ script: String) throws -> String {
        let runner = try ScriptRunner(libraries: [.base, .coroutine, .table, .string, .math, .utf8])
        defer { runner.scheduler.close() }
        let file = ScriptFile(source: script, name: "test")
        guard case .succeeded = try runner.run(file, name: "test", arguments: []) else { return "the script failed" }
        let stack = runner.scheduler.lua.main
        stack.pushGlobals()
        try stack.pushField("told", of: -1)
        defer { stack.pop(2) }
        return stack.string(at: -1) ?? "nothing"
    }

    @Test(arguments: [
        "verify = '/etc/ssl/x'", "cert = '/x'", "key = '/x'", "pinned_key = '/x'", "unix_socket = '/run/x'",
        "auth = { netrc = true }", "auth = { netrc = '/x' }", "proxy = 'socks5h://localhost/run/x'",
    ])
    func withoutFilesNoOptionNamesOne(_ option: String) throws {
        let problem = try told("told = tostring(select(2, pcall(GreenHttp, { \(option) })))")
        #expect(problem.contains("option '\(option.prefix { $0 != " " })'"), "\(problem)")
        let own = try told(
            "told = tostring(select(2, pcall(GreenHttp().get, GreenHttp(), 'http://127.0.0.1:1/', { \(option) })))")
        #expect(own.contains("option '\(option.prefix { $0 != " " })'"), "\(own)")
    }

    @Test func withoutFilesNoFileIsSentSavedOrLoaded() throws {
        let http = "local http = GreenHttp() told = tostring(select(2, pcall("
        #expect(
            try told(http + "http.post, http, 'http://127.0.0.1:1/', { files = { a = { path = '/etc/passwd' } } })))")
                .contains("this host lets no script name files"))
        #expect(try told(http + "http.cookies.save, http.cookies, '/tmp/x')))").contains("lets no script name files"))
        #expect(try told(http + "http.cookies.load, http.cookies, '/tmp/x')))").contains("lets no script name files"))
        #expect(
            try told(
                "local http = GreenHttp { app = function() return 'x' end } local r = http:get('/') "
                    + "told = tostring(select(2, pcall(r.save, r, '/tmp/x')))"
            ).contains("this host gives scripts no files"))
        #expect(
            try told(
                "local http = GreenHttp { app = function() return 'x' end } told = tostring(select(2, pcall("
                    + "http.post, http, '/', { files = { a = { path = '/etc/passwd' } } })))"
            ).contains("this host lets no script name files"))
    }

    @Test func withoutFilesAllElseWorks() throws {
        #expect(
            try told(
                "local http = GreenHttp { app = function(r) return r.body end, pinned_key = 'sha256//AAAA', "
                    + "auth = { 'a', 'b' }, proxy = 'http://x' } told = http:post('/', { files = { a = 'in' } }):text()"
            ).contains("\r\n\r\nin\r\n"))
    }
}
