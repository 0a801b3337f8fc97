import Foundation
import LuaRuntime
import Testing

@testable import Greenhouse

/// Where `require` of a sandboxed script reads, and where it does not.
struct ModuleFolderTests {
    private let place: URL
    private let folder: URL

    init() throws {
        place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        folder = place.appending(path: "modules")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "return 'secret'".write(to: place.appending(path: "secret.lua"), atomically: true, encoding: .utf8)
        try "return 'inside'".write(to: folder.appending(path: "inside.lua"), atomically: true, encoding: .utf8)
    }

    private func required(_ name: String) async throws -> String {
        defer { try? FileManager.default.removeItem(at: place) }
        var sandbox = ScriptSandbox.closed
        sandbox.moduleFolders = [folder.path()]
        var text = ""
        try await withHost(sandbox: sandbox) { host in
            text = try await host.run(
                "local ok, value = pcall(require, '\(name)') return tostring(value)", name: "t", returning: String.self)
        }
        return text
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: name).path(), withDestinationPath: target)
    }

    @Test func aModuleInsideIsFound() async throws {
        #expect(try await required("inside") == "inside")
    }

    @Test func aLinkInsideIsFollowed() async throws {
        try link("other.lua", to: "inside.lua")
        #expect(try await required("other") == "inside")
    }

    @Test func aLinkThatLeadsOutIsRefused() async throws {
        try link("out.lua", to: "../secret.lua")
        #expect(try await required("out").contains("out.lua leads out of the module folder"))
    }

    @Test func aLinkedFolderThatLeadsOutIsRefused() async throws {
        try link("up", to: "..")
        #expect(try await required("up.secret").contains("up/secret.lua leads out of the module folder"))
    }

    @Test func aFolderWhoseNameOnlyBeginsTheSameIsOutside() async throws {
        let sibling = place.appending(path: "modules-private")
        try FileManager.default.createDirectory(at: sibling, withIntermediateDirectories: true)
        try "return 'secret'".write(to: sibling.appending(path: "s.lua"), atomically: true, encoding: .utf8)
        try link("s.lua", to: "../modules-private/s.lua")
        #expect(try await required("s").contains("leads out of the module folder"))
    }

    @Test func whatIsNoFileIsRefusedWithoutWaiting() async throws {
        #expect(mkfifo(folder.appending(path: "pipe.lua").path(), 0o600) == 0)
        #expect(try await required("pipe").contains("pipe.lua is not a regular file"))
    }

    @Test func aHugeFileIsRefused() async throws {
        let path = folder.appending(path: "huge.lua").path()
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        #expect(truncate(path, ModuleFolder.largestModule + 1) == 0)
        #expect(try await required("huge").contains("and a module at most"))
    }

    @Test func aFirstLineForTheShellIsSkipped() async throws {
        try "#!/usr/bin/env lua\nreturn 'ran'".write(
            to: folder.appending(path: "shell.lua"), atomically: true, encoding: .utf8)
        #expect(try await required("shell") == "ran")
    }

    @Test func theMarkOfUTF8IsSkipped() async throws {
        try "\u{FEFF}#!/usr/bin/env lua\nreturn 'ran'".write(
            to: folder.appending(path: "marked.lua"), atomically: true, encoding: .utf8)
        #expect(try await required("marked") == "ran")
    }

    @Test func aFolderThatIsNoneIsRefusedAtOnce() async throws {
        defer { try? FileManager.default.removeItem(at: place) }
        for (path, problem) in [("/nonexistent", "No such file or directory"), ("/etc/passwd", "not a folder")] {
            var sandbox = ScriptSandbox.closed
            sandbox.moduleFolders = [path]
            do throws(LuaError) {
                _ = try ScriptRunner(libraries: .sandboxed, sandbox: sandbox)
                Issue.record("\(path) was taken for a folder")
            } catch {
                #expect(error.message == "cannot use the module folder \(path): \(problem)")
            }
        }
    }
}
